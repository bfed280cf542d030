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
