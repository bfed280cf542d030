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
  if (edit.category) tracker.category = *edit.category;
  if (edit.offline_after) tracker.offline_after = *edit.offline_after;
  if (edit.expected_interval) tracker.expected_interval = *edit.expected_interval;
  if (edit.provider) tracker.provider = *edit.provider;
  if (edit.external_id) tracker.external_id = *edit.external_id;
  EditedFields& edited = tracker.edited;
  edited.name |= edit.name.has_value();
  edited.client |= edit.sets_client;
  edited.is_public |= edit.is_public.has_value();
  edited.category |= edit.category.has_value();
  edited.offline_after |= edit.offline_after.has_value();
  edited.expected_interval |= edit.expected_interval.has_value();
  edited.source |= edit.provider.has_value() || edit.external_id.has_value();
}

void KeepEdits(const Tracker& known, Tracker& tracker) {
  const EditedFields& edited = known.edited;
  if (edited.source && known.provider != tracker.provider) {
    tracker = known;
    return;
  }
  if (edited.name) tracker.name = known.name;
  if (edited.client) tracker.client_id = known.client_id;
  if (edited.is_public) tracker.is_public = known.is_public;
  if (edited.category) tracker.category = known.category;
  if (edited.offline_after) tracker.offline_after = known.offline_after;
  if (edited.expected_interval) tracker.expected_interval = known.expected_interval;
  if (edited.source) tracker.external_id = known.external_id;
  tracker.edited = edited;
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
