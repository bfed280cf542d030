#include "formats/told_position.h"

#include <array>
#include <initializer_list>
#include <optional>

#include "base/text.h"
#include "formats/json_object.h"

namespace trackwire::formats {
namespace {

using Names = std::initializer_list<const char*>;

constexpr double kFirstMillis = 1e11;
constexpr size_t kMaxSourceBytes = 128;
constexpr const char* kNoSource = "notification";

std::optional<double> FirstNumber(const JsonObject& object, Names names) {
  for (const char* name : names) {
    if (const auto number = object.Number(name)) return number;
  }
  return std::nullopt;
}

std::optional<double> FirstKnown(const JsonObject& object, Names names) {
  const auto number = FirstNumber(object, names);
  return number && *number >= 0 ? number : std::nullopt;
}

std::optional<tracking::LatLon> PlaceIn(const JsonObject& object) {
  const auto latitude = FirstNumber(object, {"latitude", "lat"});
  const auto longitude = FirstNumber(object, {"longitude", "lon", "lng"});
  if (!latitude || !longitude) return std::nullopt;
  return tracking::LatLon{*latitude, *longitude};
}

/// Where the place stands: the notification itself, or an object in it.
std::optional<JsonObject> Placed(const JsonObject& notification) {
  if (PlaceIn(notification)) return notification;
  for (const char* name : {"position", "location", "coords"}) {
    const auto inner = notification.Object(name);
    if (inner && PlaceIn(*inner)) return inner;
  }
  return std::nullopt;
}

std::optional<WallTime> TimeOf(base::JsonValue value) {
  if (const auto number = NumberOf(value)) {
    return EpochSeconds(*number < kFirstMillis ? *number : *number / 1'000);
  }
  if (!value.is_string()) return std::nullopt;
  const std::string text = base::DecodeJsonString(value.text);
  const auto time = base::ParseTime(text);
  return time ? time : base::ParseTime(text + "Z");
}

/// Nothing: it says no time.
Result<std::optional<WallTime>> FixTime(const JsonObject& notification, const JsonObject& placed) {
  for (const JsonObject* object : {&notification, &placed}) {
    for (const char* name : {"fix_time", "timestamp", "time", "recorded_at"}) {
      const auto value = object->Find(name);
      if (!value) continue;
      const auto time = TimeOf(*value);
      if (!time) return Err("bad_time", name);
      return time;
    }
  }
  return std::optional<WallTime>();
}

tracking::Motion MotionOf(const JsonObject& object) {
  if (const auto moves = object.Bool("motion")) {
    return *moves ? tracking::Motion::kMoving : tracking::Motion::kStopped;
  }
  const auto text = object.Text("motion");
  if (text == "moving") return tracking::Motion::kMoving;
  return text == "stopped" ? tracking::Motion::kStopped : tracking::Motion::kUnknown;
}

std::string AttributesOf(const JsonObject& object) {
  const auto given = object.Find("attributes");
  if (!given || !given->is_object()) return {};
  Attributes out;
  for (base::JsonObjectReader reader(*given); auto member = reader.Next();) {
    out.AddScalar(base::DecodeJsonString(member->raw_key), member->value);
  }
  return out.Take();
}

void ReadRest(const JsonObject& notification, const JsonObject& placed, tracking::Fix& fix) {
  const auto number = [&](Names names) {
    const auto outer = FirstNumber(notification, names);
    return outer ? outer : FirstNumber(placed, names);
  };
  const auto known = [&](Names names) {
    const auto outer = FirstKnown(notification, names);
    return outer ? outer : FirstKnown(placed, names);
  };
  fix.altitude_m = number({"altitude", "alt"});
  fix.accuracy_m = known({"accuracy"});
  fix.speed_mps = known({"speed"});
  fix.course_deg = Direction(number({"course", "bearing"}));
  fix.heading_deg = Direction(number({"heading"}));
  fix.battery_percent = known({"battery_level", "battery"});
  fix.valid = notification.Bool("valid");
  fix.attributes_json = AttributesOf(notification);
  fix.source = notification.Text("source").value_or("");
  if (fix.source.empty() || fix.source.size() > kMaxSourceBytes) fix.source = kNoSource;
}

/// Whether a member stands there as ours do: a number, or a time with its zone.
bool IsPlainNumber(const JsonObject& object, const char* name) {
  const auto value = object.Find(name);
  return value && value->is_number();
}

std::string PlainJson(base::JsonValue value, const JsonObject& object, const ToldPosition& told) {
  const bool place = IsPlainNumber(object, "latitude") && IsPlainNumber(object, "longitude");
  const auto text = object.Text("fix_time");
  const bool time = text && base::ParseTime(*text);
  if (place && time) return {};
  const bool half_there = (!place && (base::FindMember(value, "latitude") ||
                                      base::FindMember(value, "longitude"))) ||
                          (!time && base::FindMember(value, "fix_time"));
  // Written another way under the same names: then ours alone, so that no name stands there twice.
  if (half_there) {
    const tracking::Position position{{}, told.fix, told.fix.fix_time, told.motion};
    return ToJson(position, false);
  }
  std::string out = "{";
  if (!place) {
    out += "\"latitude\":";
    tracking::AppendRounded(out, told.fix.place.latitude, tracking::kCoordinateSteps);
    out += ",\"longitude\":";
    tracking::AppendRounded(out, told.fix.place.longitude, tracking::kCoordinateSteps);
    out += ',';
  }
  if (!time) out += "\"fix_time\":\"" + base::FormatTime(told.fix.fix_time) + "\",";
  return out.append(value.text.substr(1));
}

}  // namespace

Result<ToldPosition> ReadToldPosition(std::string_view notification, WallTime told_at) {
  const auto scanned = base::ScanJson(notification);
  if (!scanned) return Err("bad_json", base::ToString(scanned.error()));
  if (!scanned->is_object()) return Err("bad_json", "it is not an object");
  const JsonObject object(*scanned);
  const auto placed = Placed(object);
  if (!placed) return Err("missing_place", "latitude, longitude");
  const auto time = FixTime(object, *placed);
  if (!time) return Err(time.error());
  ToldPosition told;
  told.fix.place = *PlaceIn(*placed);
  told.fix.fix_time = time->value_or(told_at);
  told.motion = MotionOf(object);
  ReadRest(object, *placed, told.fix);
  told.plain_json = PlainJson(*scanned, object, told);
  return told;
}

}  // namespace trackwire::formats
