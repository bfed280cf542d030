#include <algorithm>
#include <array>

#include "formats/json_mapping.h"

namespace trackwire::formats {
namespace {

template <typename Value, size_t N>
std::optional<Value> Named(const std::array<std::pair<std::string_view, Value>, N>& names,
                           std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const auto& entry) { return entry.first == name; });
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

/// `aircraft.json` of readsb, dump1090-fa and tar1090. What is older than a minute has no place of
/// its own any more, but a `lastPosition`.
JsonMapping Readsb() {
  JsonMapping mapping;
  mapping.items = "/aircraft";
  mapping.now = "/now";
  mapping.id = "/hex";
  mapping.name = "/flight /r";
  mapping.latitude = "/lat";
  mapping.longitude = "/lon";
  mapping.time = "/seen_pos";
  mapping.time_form = TimeForm::kAgeSeconds;
  mapping.altitude = "/alt_geom /alt_baro";
  mapping.altitude_unit = LengthUnit::kFeet;
  mapping.accuracy = "/rc";
  mapping.speed = "/gs";
  mapping.speed_unit = SpeedUnit::kKnots;
  mapping.course = "/track";
  mapping.heading = "/true_heading";
  mapping.attributes = {{"squawk", "/squawk"},     {"emergency", "/emergency"},
                        {"aircraft_type", "/t"},   {"registration", "/r"},
                        {"emitter", "/category"},  {"source_type", "/type"},
                        {"rssi", "/rssi"}};
  mapping.filter = {"/lat", "/lon"};
  return mapping;
}

/// A batch as the Overland app writes it: GeoJSON features.
JsonMapping Overland() {
  JsonMapping mapping;
  mapping.items = "/locations";
  mapping.id = "/properties/device_id";
  mapping.point = "/geometry";
  mapping.point_form = PointForm::kGeoJson;
  mapping.time = "/properties/timestamp";
  mapping.time_form = TimeForm::kRfc3339;
  mapping.altitude = "/properties/altitude";
  mapping.accuracy = "/properties/horizontal_accuracy";
  mapping.speed = "/properties/speed";
  mapping.course = "/properties/course";
  mapping.battery = "/properties/battery_level";
  mapping.battery_scale = 100;
  mapping.attributes = {{"activity", "/properties/motion/0"},
                        {"battery_state", "/properties/battery_state"},
                        {"vertical_accuracy", "/properties/vertical_accuracy"}};
  mapping.filter = {"/geometry"};
  return mapping;
}

/// `ships.json` of AIS-catcher.
JsonMapping AisCatcher() {
  JsonMapping mapping;
  mapping.items = "/ships";
  mapping.now = "/time";
  mapping.id = "/mmsi";
  mapping.name = "/shipname";
  mapping.latitude = "/lat";
  mapping.longitude = "/lon";
  mapping.time = "/last_signal";
  mapping.time_form = TimeForm::kAgeSeconds;
  mapping.speed = "/speed";
  mapping.speed_unit = SpeedUnit::kKnots;
  mapping.course = "/cog";
  mapping.heading = "/heading";
  // Sentinels of AIS, should they be passed through: no course, no heading, no speed.
  mapping.unknown = {"360", "511", "102.3"};
  mapping.attributes = {{"callsign", "/callsign"},       {"imo", "/imo"},
                        {"ship_type", "/shiptype"},      {"navigation_status", "/status"},
                        {"destination", "/destination"}, {"draught", "/draught"}};
  mapping.filter = {"/lat < 91", "/lon < 181"};
  return mapping;
}

/// `/api/states` of Home Assistant: the trackers that know coordinates, not zones and persons.
JsonMapping HomeAssistant() {
  JsonMapping mapping;
  mapping.id = "/entity_id";
  mapping.name = "/attributes/friendly_name";
  mapping.latitude = "/attributes/latitude";
  mapping.longitude = "/attributes/longitude";
  mapping.time = "/last_updated";
  mapping.time_form = TimeForm::kRfc3339;
  mapping.altitude = "/attributes/altitude";
  mapping.accuracy = "/attributes/gps_accuracy";
  mapping.speed = "/attributes/speed";
  mapping.course = "/attributes/course";
  mapping.battery = "/attributes/battery_level /attributes/battery";
  mapping.attributes = {{"zone", "/state"},
                        {"vertical_accuracy", "/attributes/vertical_accuracy"}};
  mapping.filter = {"/attributes/source_type == \"gps\"", "/attributes/latitude",
                    "/attributes/longitude"};
  return mapping;
}

}  // namespace

std::optional<SpeedUnit> SpeedUnitOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, SpeedUnit>, 4> kNames{
      {{"m/s", SpeedUnit::kMetresPerSecond},
       {"knots", SpeedUnit::kKnots},
       {"km/h", SpeedUnit::kKilometresPerHour},
       {"mph", SpeedUnit::kMilesPerHour}}};
  return Named(kNames, name);
}

std::optional<LengthUnit> LengthUnitOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, LengthUnit>, 5> kNames{
      {{"m", LengthUnit::kMeters},
       {"ft", LengthUnit::kFeet},
       {"km", LengthUnit::kKilometers},
       {"mi", LengthUnit::kMiles},
       {"nmi", LengthUnit::kNauticalMiles}}};
  return Named(kNames, name);
}

std::optional<TimeForm> TimeFormOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, TimeForm>, 6> kNames{
      {{"auto", TimeForm::kAuto},
       {"epoch_s", TimeForm::kEpochSeconds},
       {"epoch_ms", TimeForm::kEpochMilliseconds},
       {"rfc3339", TimeForm::kRfc3339},
       {"age_s", TimeForm::kAgeSeconds},
       {"pattern", TimeForm::kPattern}}};
  return Named(kNames, name);
}

std::optional<PointForm> PointFormOf(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, PointForm>, 3> kNames{
      {{"lat,lon", PointForm::kLatLon},
       {"lon,lat", PointForm::kLonLat},
       {"geojson", PointForm::kGeoJson}}};
  return Named(kNames, name);
}

std::optional<JsonMapping> JsonMappingPreset(std::string_view name) {
  if (name == "readsb") return Readsb();
  if (name == "overland") return Overland();
  if (name == "ais-catcher") return AisCatcher();
  if (name == "home-assistant") return HomeAssistant();
  return std::nullopt;
}

}  // namespace trackwire::formats
