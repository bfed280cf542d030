#include "formats/owntracks.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/text.h"
#include "formats/json_object.h"

namespace trackwire::formats {
namespace {

constexpr double kKmhPerMps = 3.6;
constexpr size_t kMaxExternalId = 256;
constexpr size_t kMaxRegions = 8;
constexpr size_t kMaxEntries = 100'000;

template <size_t N>
bool OneOf(std::string_view text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

/// `user/device` of `owntracks/user/device[/event]`, whatever stands before them.
std::string IdOfTopic(std::string_view topic) {
  constexpr std::array<std::string_view, 10> kKinds{"event", "waypoint", "waypoints", "status",
                                                    "info",  "cmd",      "dump",      "step",
                                                    "beacon", "request"};
  std::vector<std::string_view> levels;
  for (size_t at = 0; at <= topic.size();) {
    const size_t end = std::min(topic.find('/', at), topic.size());
    if (end > at) levels.push_back(topic.substr(at, end - at));
    at = end + 1;
  }
  if (levels.size() > 3 && OneOf(levels.back(), kKinds)) levels.pop_back();
  if (levels.size() < 3) return {};
  return std::string(levels[levels.size() - 2]) + "/" + std::string(levels.back());
}

std::string ExternalId(const JsonObject& message) {
  if (const auto topic = message.Text("topic")) {
    std::string id = IdOfTopic(*topic);
    if (!id.empty()) return id;
  }
  const auto user = message.Text("username");
  const auto device = message.Text("device");
  if (!user || !device || user->empty() || device->empty()) return {};
  return *user + "/" + *device;
}

/// The texts of an array, separated by commas.
std::string Joined(const JsonObject& message, std::string_view name) {
  const auto value = message.Find(name);
  if (!value || !value->is_array()) return {};
  std::string out;
  size_t count = 0;
  for (base::JsonArrayReader reader(*value); auto element = reader.Next();) {
    if (!element->is_string() || ++count > kMaxRegions) continue;
    if (!out.empty()) out += ", ";
    out += base::DecodeJsonString(element->text);
  }
  return out;
}

void AddTexts(const JsonObject& message, Attributes& out) {
  const auto trigger = message.Text("t");
  if (trigger && trigger->size() == 1) out.Add("trigger", *trigger);
  out.Add("tid", message.Text("tid"));
  const auto connection = message.Text("conn");
  if (connection == "w") out.Add("connection", "wifi");
  if (connection == "m") out.Add("connection", "mobile");
  if (connection == "o") out.Add("connection", "offline");
  const std::string regions = Joined(message, "inregions");
  if (!regions.empty()) out.Add("regions", regions);
  const std::string activities = Joined(message, "motionactivities");
  if (!activities.empty()) out.Add("activity", activities);
  out.Add("poi", message.Text("poi"));
}

std::string AttributesOf(const JsonObject& message) {
  Attributes out;
  AddTexts(message, out);
  out.Add("vertical_accuracy", message.Known("vac"));
  out.Add("monitoring", message.Number("m"));
  const auto charge = message.Number("bs");
  if (charge == 1 || charge == 2 || charge == 3) out.Add("charging", charge == 2);
  out.Add("ignition", message.Bool("ign"));
  const auto odometer_km = message.Known("odometer");
  if (odometer_km) out.Add("odometer", *odometer_km * 1'000);
  const auto created = message.Number("created_at");
  const auto device_time = created ? EpochSeconds(*created) : std::nullopt;
  if (device_time) out.Add("device_time", base::FormatTime(*device_time));
  return out.Take();
}

Result<tracking::Fix> ReadFix(const JsonObject& message) {
  tracking::Fix fix;
  const auto latitude = message.Number("lat");
  const auto longitude = message.Number("lon");
  if (!latitude || *latitude < -90 || *latitude > 90) return Err("bad_message", "lat");
  if (!longitude || *longitude < -180 || *longitude > 180) return Err("bad_message", "lon");
  fix.place = {*latitude, *longitude};
  const auto accuracy = message.Known("acc");
  if (accuracy && *accuracy > 0) fix.accuracy_m = accuracy;
  // Phones say by a negative accuracy that they do not know the height they tell.
  if (message.Number("vac").value_or(0) >= 0) fix.altitude_m = message.Number("alt");
  const auto speed_kmh = message.Known("vel");
  if (speed_kmh) fix.speed_mps = *speed_kmh / kKmhPerMps;
  fix.course_deg = Direction(message.Number("cog"));
  const auto battery = message.Known("batt");
  if (battery && *battery <= 100) fix.battery_percent = battery;
  return fix;
}

/// When a last will was spoken. A second is what `tst` can say, so it lasts to the end of it.
WallTime WillTime(const JsonObject& message) {
  if (const auto text = message.Text("isorcv")) {
    if (const auto received = base::ParseTime(*text)) return *received;
  }
  const auto seconds = message.Number("tst");
  const auto time = seconds ? EpochSeconds(*seconds) : std::nullopt;
  return time ? *time + std::chrono::milliseconds(999) : WallTime();
}

}  // namespace

Result<std::optional<Report>> ReadOwntracks(std::string_view json) {
  constexpr std::array<std::string_view, 5> kSignsOfLife{"transition", "status", "steps", "beacon",
                                                         "request"};
  const auto scanned = base::ScanJson(json);
  if (!scanned) return Err("bad_json", base::ToString(scanned.error()));
  if (!scanned->is_object()) return Err("bad_message", "it is not an object");
  const JsonObject message(*scanned);
  const auto type = message.Text("_type");
  if (!type) return Err("bad_message", "_type");
  if (*type == "encrypted") return Err("encrypted", "the message is encrypted");
  const bool location = *type == "location";
  const bool last_will = *type == "lwt";
  if (!location && !last_will && !OneOf(*type, kSignsOfLife)) return std::optional<Report>();

  Report report;
  report.has_place = location;
  report.last_will = last_will;
  if (location) {
    auto fix = ReadFix(message);
    if (!fix) return Err(fix.error());
    report.fix = std::move(*fix);
  }
  const auto seconds = message.Number("tst");
  const auto time = seconds ? EpochSeconds(*seconds) : std::nullopt;
  if (!time && location) return Err("bad_message", "tst");
  report.fix.fix_time = last_will ? WillTime(message) : time.value_or(WallTime());
  if (!last_will) report.fix.attributes_json = AttributesOf(message);
  report.external_id = ExternalId(message);
  if (report.external_id.size() > kMaxExternalId) return Err("bad_message", "topic");
  report.name = message.Label("name");
  return std::optional<Report>(std::move(report));
}

Result<OwntracksList> ReadOwntracksList(std::string_view json) {
  const auto scanned = base::ScanJson(json);
  if (!scanned) return Err("bad_json", base::ToString(scanned.error()));
  if (!scanned->is_array()) return Err("bad_message", "it is not an array");
  OwntracksList list;
  size_t count = 0;
  for (base::JsonArrayReader reader(*scanned); auto entry = reader.Next();) {
    if (++count > kMaxEntries) return Err("too_many", "more entries than anybody has");
    auto read = ReadOwntracks(entry->text);
    if (read && !read->has_value()) continue;
    if (read && !(*read)->external_id.empty()) {
      list.reports.push_back(std::move(**read));
    } else {
      ++list.bad;
    }
  }
  return list;
}

}  // namespace trackwire::formats
