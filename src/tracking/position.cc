#include "tracking/position.h"

#include <array>
#include <cmath>
#include <numbers>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::tracking {
namespace {

constexpr size_t kMaxIdBytes = 128;
constexpr double kEarthRadiusM = 6'371'008.8;

void AppendKey(std::string& out, std::string_view key) {
  if (out.back() != '{') out += ',';
  out += '"';
  out += key;
  out += "\":";
}

void AppendNumber(std::string& out, std::string_view key, const std::optional<double>& value,
                  double steps_per_unit) {
  if (!value || !std::isfinite(*value)) return;
  AppendKey(out, key);
  AppendRounded(out, *value, steps_per_unit);
}

void AppendTime(std::string& out, std::string_view key, WallTime time) {
  AppendKey(out, key);
  out += '"';
  out += base::FormatTime(time);
  out += '"';
}

struct Range {
  const char* field;
  const std::optional<double>& value;
  double least;
  double most;
};

}  // namespace

std::string Id::ToJson() const {
  if (const auto* number = std::get_if<int64_t>(&value_)) return std::to_string(*number);
  std::string out;
  base::AppendJsonString(out, std::get<std::string>(value_));
  return out;
}

std::string Id::ToText() const {
  if (const auto* number = std::get_if<int64_t>(&value_)) return std::to_string(*number);
  return std::get<std::string>(value_);
}

std::optional<Id> Id::FromJson(std::string_view json_text) {
  const auto value = base::ScanJson(json_text);
  if (!value) return std::nullopt;
  if (value->is_number()) {
    const auto number = base::JsonInteger(*value);
    if (!number) return std::nullopt;
    return Id(*number);
  }
  if (!value->is_string()) return std::nullopt;
  std::string text = base::DecodeJsonString(value->text);
  if (text.empty() || text.size() > kMaxIdBytes) return std::nullopt;
  return Id(std::move(text));
}

double DistanceM(LatLon a, LatLon b) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double sin_lat = std::sin((b.latitude - a.latitude) * kRadians / 2);
  const double sin_lon = std::sin((b.longitude - a.longitude) * kRadians / 2);
  const double h = sin_lat * sin_lat + std::cos(a.latitude * kRadians) *
                                           std::cos(b.latitude * kRadians) * sin_lon * sin_lon;
  return 2 * kEarthRadiusM * std::asin(std::min(1.0, std::sqrt(h)));
}

const char* ToString(Motion motion) {
  switch (motion) {
    case Motion::kMoving: return "moving";
    case Motion::kStopped: return "stopped";
    case Motion::kUnknown: break;
  }
  return "unknown";
}

const char* ToString(Connectivity connectivity) {
  switch (connectivity) {
    case Connectivity::kOnline: return "online";
    case Connectivity::kOffline: return "offline";
    case Connectivity::kUnknown: break;
  }
  return "unknown";
}

Result<void> CheckFix(const Fix& fix, WallTime now, std::chrono::milliseconds skew) {
  const std::optional<double> latitude = fix.place.latitude;
  const std::optional<double> longitude = fix.place.longitude;
  const std::array<Range, 8> ranges{{{"latitude", latitude, -90, 90},
                                     {"longitude", longitude, -180, 180},
                                     {"altitude", fix.altitude_m, -20'000, 100'000'000},
                                     {"accuracy", fix.accuracy_m, 0, 100'000'000},
                                     {"speed", fix.speed_mps, 0, 100'000},
                                     {"course", fix.course_deg, 0, 360},
                                     {"heading", fix.heading_deg, 0, 360},
                                     {"battery_level", fix.battery_percent, 0, 100}}};
  for (const Range& range : ranges) {
    if (!range.value) continue;
    if (!std::isfinite(*range.value)) return Err("not_finite", range.field);
    if (*range.value < range.least || *range.value > range.most) {
      return Err("out_of_range", range.field);
    }
  }
  if (fix.course_deg == 360 || fix.heading_deg == 360) {
    return Err("out_of_range", fix.course_deg == 360 ? "course" : "heading");
  }
  if (fix.fix_time.time_since_epoch().count() <= 0) return Err("missing_fix_time", "fix_time");
  if (fix.fix_time > now + skew) return Err("future_fix_time", "fix_time");
  return Ok();
}

std::optional<double> PrintedAngle(const std::optional<double>& degrees) {
  const bool full = degrees && std::round(*degrees * kAngleSteps) >= 360 * kAngleSteps;
  return full ? std::optional<double>(0) : degrees;
}

void AppendRounded(std::string& out, double value, double steps_per_unit) {
  base::AppendJsonNumber(out, std::round(value * steps_per_unit) / steps_per_unit);
}

std::string ToJson(const Position& position, bool with_tracker_id) {
  const Fix& fix = position.fix;
  std::string out;
  out.reserve(320 + fix.attributes_json.size());
  out += '{';
  if (with_tracker_id) {
    AppendKey(out, "tracker_id");
    out += position.tracker_id.ToJson();
  }
  AppendNumber(out, "latitude", fix.place.latitude, kCoordinateSteps);
  AppendNumber(out, "longitude", fix.place.longitude, kCoordinateSteps);
  AppendNumber(out, "altitude", fix.altitude_m, kMetreSteps);
  AppendNumber(out, "accuracy", fix.accuracy_m, kMetreSteps);
  AppendNumber(out, "speed", fix.speed_mps, kSpeedSteps);
  AppendNumber(out, "course", PrintedAngle(fix.course_deg), kAngleSteps);
  AppendNumber(out, "heading", PrintedAngle(fix.heading_deg), kAngleSteps);
  AppendTime(out, "fix_time", fix.fix_time);
  if (position.received_at != WallTime{}) AppendTime(out, "received_at", position.received_at);
  if (fix.valid) {
    AppendKey(out, "valid");
    out += *fix.valid ? "true" : "false";
  }
  AppendNumber(out, "battery_level", fix.battery_percent, kBatterySteps);
  AppendKey(out, "motion");
  out += '"';
  out += ToString(position.motion);
  out += '"';
  if (!fix.source.empty()) {
    AppendKey(out, "source");
    base::AppendJsonString(out, fix.source);
  }
  if (!fix.attributes_json.empty()) {
    AppendKey(out, "attributes");
    out += fix.attributes_json;
  }
  out += '}';
  return out;
}

}  // namespace trackwire::tracking
