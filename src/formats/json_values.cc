#include "formats/json_values.h"

#include <cmath>

#include "base/text.h"
#include "formats/json_object.h"
#include "formats/time_pattern.h"

namespace trackwire::formats {
namespace {

constexpr size_t kMaxTimeText = 64;
constexpr double kMillisecondsFrom = 1e11;  // as seconds that were the year 5138

std::optional<WallTime> Valid(std::optional<WallTime> time) {
  return time && time->time_since_epoch().count() > 0 ? time : std::nullopt;
}

/// RFC 3339, also with a space for the T and without a zone.
std::optional<WallTime> ParseText(std::string text, int zone_minutes) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (const auto time = base::ParseTime(text)) return time;
  const auto time = base::ParseTime(text + "Z");
  if (!time) return std::nullopt;
  return *time - std::chrono::minutes(zone_minutes);
}

/// Two numbers of an array or of a text with a comma.
bool ReadPair(base::JsonValue value, std::optional<double> (&pair)[2]) {
  if (value.is_array()) {
    base::JsonArrayReader reader(value);
    for (auto& number : pair) {
      const auto element = reader.Next();
      number = element ? NumberOf(*element) : std::nullopt;
    }
    return pair[0] && pair[1];
  }
  if (!value.is_string() || value.text.size() > kMaxTimeText) return false;
  const std::string text = base::DecodeJsonString(value.text);
  const size_t comma = text.find(',');
  if (comma == std::string::npos) return false;
  const std::string halves[2] = {text.substr(0, comma), text.substr(comma + 1)};
  for (size_t i = 0; i < 2; ++i) {
    std::string json;
    base::AppendJsonString(json, base::Trim(halves[i]));
    pair[i] = NumberOf({base::JsonType::kString, json});
  }
  return pair[0] && pair[1];
}

/// The coordinates of a Point, of a Feature with one, or such coordinates themselves.
std::optional<base::JsonValue> Coordinates(base::JsonValue value) {
  std::optional<base::JsonValue> found = value;
  for (const char* member : {"geometry", "coordinates"}) {
    if (!found->is_object()) break;
    const auto inner = base::FindMember(*found, member);
    if (inner) found = inner;
  }
  return found->is_array() ? found : std::nullopt;
}

}  // namespace

double MetersPerSecond(double speed, SpeedUnit unit) {
  switch (unit) {
    case SpeedUnit::kMetresPerSecond: return speed;
    case SpeedUnit::kKnots: return speed * 1852 / 3600;
    case SpeedUnit::kKilometresPerHour: return speed / 3.6;
    case SpeedUnit::kMilesPerHour: return speed * 0.44704;
  }
  return speed;
}

double Meters(double length, LengthUnit unit) {
  switch (unit) {
    case LengthUnit::kMeters: return length;
    case LengthUnit::kFeet: return length * 0.3048;
    case LengthUnit::kKilometers: return length * 1'000;
    case LengthUnit::kMiles: return length * 1'609.344;
    case LengthUnit::kNauticalMiles: return length * 1'852;
  }
  return length;
}

std::optional<tracking::LatLon> PlaceOf(base::JsonValue value, PointForm form) {
  if (form == PointForm::kGeoJson) {
    const auto coordinates = Coordinates(value);
    if (!coordinates) return std::nullopt;
    value = *coordinates;
  }
  std::optional<double> pair[2];
  if (!ReadPair(value, pair)) return std::nullopt;
  const bool latitude_first = form == PointForm::kLatLon;
  const tracking::LatLon place{*pair[latitude_first ? 0 : 1], *pair[latitude_first ? 1 : 0]};
  if (std::abs(place.latitude) > 90 || std::abs(place.longitude) > 180) return std::nullopt;
  return place;
}

std::optional<WallTime> TimeReader::Read(base::JsonValue value, WallTime now) const {
  if (form == TimeForm::kRfc3339 || form == TimeForm::kPattern || value.is_string()) {
    if (value.is_string() && value.text.size() <= kMaxTimeText) {
      const std::string text = base::DecodeJsonString(value.text);
      if (form == TimeForm::kPattern) return Valid(ParseTimeBy(pattern, text, zone_minutes));
      if (form == TimeForm::kRfc3339) return Valid(ParseText(text, zone_minutes));
      if (form == TimeForm::kAuto) {
        if (const auto time = ParseText(text, zone_minutes)) return Valid(time);
      }
    }
    if (form == TimeForm::kRfc3339 || form == TimeForm::kPattern) return std::nullopt;
  }
  const auto number = NumberOf(value);
  if (!number) return std::nullopt;
  switch (form) {
    case TimeForm::kEpochMilliseconds: return EpochSeconds(*number / 1'000);
    case TimeForm::kAgeSeconds: {
      const double now_s = static_cast<double>(now.time_since_epoch().count()) / 1'000;
      return *number >= 0 ? EpochSeconds(now_s - *number) : std::nullopt;
    }
    case TimeForm::kAuto:
      return EpochSeconds(*number >= kMillisecondsFrom ? *number / 1'000 : *number);
    default: return EpochSeconds(*number);
  }
}

}  // namespace trackwire::formats
