#include "api/tracker_json.h"

#include <map>
#include <string_view>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::api {
namespace {

void AppendText(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  out += key;
  out += "\":";
  base::AppendJsonString(out, text);
}

void AppendAxis(std::string& out, std::string_view axis, const char* status, WallTime since) {
  AppendText(out, axis, status);
  if (since == WallTime{}) return;
  AppendText(out, std::string(axis) + "_since", base::FormatTime(since));
}

std::string StatusJson(const tracking::Status& status) {
  std::string out;
  AppendAxis(out, "connectivity", ToString(status.connectivity), status.connectivity_since);
  AppendAxis(out, "motion", ToString(status.motion), status.motion_since);
  out.front() = '{';
  return out + "}";
}

void AppendForAdmins(std::string& out, const tracking::Tracker& tracker) {
  out += tracker.is_public ? R"(,"public":true)" : R"(,"public":false)";
  AppendText(out, "provider", tracker.provider);
  out += ",\"offline_after\":" + std::to_string(tracker.offline_after.count());
  if (tracker.expected_interval.count() <= 0) return;
  out += ",\"expected_interval\":" + std::to_string(tracker.expected_interval.count());
}

std::string WholeJson(const TrackerView& view, bool for_admin) {
  const tracking::Tracker& tracker = view.tracker;
  std::string out = "{\"id\":" + tracker.id.ToJson();
  AppendText(out, "name", tracker.name);
  AppendText(out, "category", tracker.category);
  if (tracker.client_id) out += ",\"client_id\":" + tracker.client_id->ToJson();
  if (!tracker.attributes_json.empty()) out += ",\"attributes\":" + tracker.attributes_json;
  if (for_admin) AppendForAdmins(out, tracker);
  out += ",\"status\":" + StatusJson(view.status);
  if (view.last_seen_at != WallTime{}) {
    AppendText(out, "last_seen_at", base::FormatTime(view.last_seen_at));
  }
  if (view.freshness) AppendText(out, "freshness", ToString(*view.freshness));
  if (!view.position_json.empty()) out += ",\"position\":" + view.position_json;
  return out + "}";
}

}  // namespace

std::string TrackerJson(const TrackerView& tracker, bool for_admin, const notify::Views& views,
                        notify::View view) {
  return views.Filter(view, WholeJson(tracker, for_admin));
}

std::string TrackerPageJson(const TrackerPage& page, WallTime now, bool for_admin,
                            const notify::Views& views, notify::View view) {
  std::map<tracking::Id, std::string> clients;
  std::string trackers = "[";
  for (const TrackerView& tracker : page.trackers) {
    if (trackers.size() > 1) trackers += ',';
    trackers += TrackerJson(tracker, for_admin, views, view);
    const auto& client = tracker.tracker.client_id;
    if (client && !tracker.client_name.empty()) clients.emplace(*client, tracker.client_name);
  }
  std::string list = "[";
  for (const auto& [id, name] : clients) {
    std::string object = "{\"id\":" + id.ToJson();
    AppendText(object, "name", name);
    list += (list.size() > 1 ? "," : "") + views.Filter(view, object + "}");
  }
  std::string out = "{\"offset\":";
  base::AppendJsonString(out, page.offset);
  AppendText(out, "server_time", base::FormatTime(now));
  out += ",\"clients\":" + list + "],\"trackers\":" + trackers + "],\"next\":";
  if (!page.more || !page.reached) return out + "null}";
  base::AppendJsonString(out, page.reached->ToJson());
  return out + "}";
}

}  // namespace trackwire::api
