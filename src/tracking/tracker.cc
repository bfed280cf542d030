#include "tracking/tracker.h"

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::tracking {
namespace {

void AppendText(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  out += key;
  out += "\":";
  base::AppendJsonString(out, text);
}

}  // namespace

void Apply(const TrackerEdit& edit, Tracker& tracker) {
  if (edit.name) tracker.name = *edit.name;
  if (edit.sets_client) tracker.client_id = edit.client_id;
  if (edit.is_public) tracker.is_public = *edit.is_public;
  tracker.edited.name |= edit.name.has_value();
  tracker.edited.client |= edit.sets_client;
  tracker.edited.is_public |= edit.is_public.has_value();
}

void KeepEdits(const Tracker& known, Tracker& tracker) {
  if (known.edited.name) tracker.name = known.name;
  if (known.edited.client) tracker.client_id = known.client_id;
  if (known.edited.is_public) tracker.is_public = known.is_public;
  tracker.edited = known.edited;
}

std::string ToJson(const StatusChange& change) {
  std::string out;
  out.reserve(240);
  out += "{\"tracker_id\":";
  out += change.tracker_id.ToJson();
  AppendText(out, "axis", change.motion_axis ? "motion" : "connectivity");
  AppendText(out, "status", change.status);
  AppendText(out, "previous_status", change.previous_status);
  AppendText(out, "reason", change.reason);
  AppendText(out, "since", base::FormatTime(change.since));
  AppendText(out, "timestamp", base::FormatTime(change.timestamp));
  out += '}';
  return out;
}

}  // namespace trackwire::tracking
