#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "formats/report.h"
#include "formats/units.h"

namespace trackwire::formats {

/// How a source writes a length and a time; a speed: SpeedUnit.
enum class LengthUnit : uint8_t { kMeters, kFeet, kKilometers, kMiles, kNauticalMiles };
enum class TimeForm : uint8_t {
  kAuto,               ///< a number: seconds below 10^11, else milliseconds; a text: RFC 3339
  kEpochSeconds,
  kEpochMilliseconds,
  kRfc3339,
  kAgeSeconds,         ///< seconds before the document's own time
  kPattern,            ///< `time_pattern`
};
/// How a place is written in one value.
enum class PointForm : uint8_t {
  kLatLon,   ///< the text "lat,lon" or the array [lat, lon]
  kLonLat,   ///< the text "lon,lat" or the array [lon, lat]
  kGeoJson,  ///< a GeoJSON Point, a Feature with one, or its coordinates: longitude first
};

/// What the configuration calls them: `m/s`, `knots`, `km/h`, `mph`; `m`, `ft`, `km`, `mi`, `nmi`;
/// `auto`, `epoch_s`, `epoch_ms`, `rfc3339`, `age_s`, `pattern`; `lat,lon`, `lon,lat`, `geojson`.
std::optional<SpeedUnit> SpeedUnitOf(std::string_view name);
std::optional<LengthUnit> LengthUnitOf(std::string_view name);
std::optional<TimeForm> TimeFormOf(std::string_view name);
std::optional<PointForm> PointFormOf(std::string_view name);

/// Where in an answer of somebody's JSON API the places of things are, and how they are written.
///
/// What is not called otherwise is a JSON pointer (RFC 6901) into an item; empty: the source does
/// not say it. Several pointers separated by spaces are tried in turn.
struct JsonMapping {
  /// Pointer into the document to the array of items, or to an object whose values they are;
  /// an object that has an `id` or a place of its own is the only item.
  std::string items;
  /// Required: what the source calls it, a string or an integer. `#` is the name under which an
  /// item stands in an object.
  std::string id;
  std::string name;
  std::string category;

  std::string latitude;  ///< both or `point`
  std::string longitude;
  std::string point;
  PointForm point_form = PointForm::kLatLon;

  std::string time;  ///< empty: `now`, else when the answer came
  TimeForm time_form = TimeForm::kAuto;
  std::string time_pattern;          ///< of %Y %m %d %H %M %S %z %% and other characters as they are
  int time_zone_minutes = 0;         ///< east of UTC, for times that do not say theirs
  std::string now;                   ///< pointer into the document: its own time, auto form

  std::string altitude;
  LengthUnit altitude_unit = LengthUnit::kMeters;
  std::string accuracy;
  LengthUnit accuracy_unit = LengthUnit::kMeters;
  std::string speed;
  SpeedUnit speed_unit = SpeedUnit::kMetresPerSecond;
  std::string course;
  std::string heading;
  std::string battery;
  double battery_scale = 1;  ///< what to multiply with for per cent
  std::string valid;

  /// Numbers and texts that mean "unknown", as JSON: `-1`, `511`, `""`. null always does.
  std::vector<std::string> unknown;
  /// Name under which it is passed on, and the pointer. Scalars only.
  std::vector<std::pair<std::string, std::string>> attributes;
  /// Conditions, all of which must hold, else the item is passed over: `/on` and `!/off` (there and
  /// not null, false or empty), `/type == "bus"`, `/type != "tram"`, `/seen < 60`, `/seen >= 5`.
  std::vector<std::string> filter;
};

/// Ready mappings: `readsb` (aircraft.json), `overland`, `ais-catcher` (ships.json) and
/// `home-assistant` (/api/states).
std::optional<JsonMapping> JsonMappingPreset(std::string_view name);

/// What a document held.
struct JsonItems {
  std::vector<Report> reports;
  uint64_t bad = 0;         ///< items that could not be read, skipped
  std::string first_error;  ///< which item and which field the first of them failed at
  uint64_t filtered = 0;    ///< items passed over by the filter
};

/// A mapping checked and ready for use. Immutable; any thread.
class JsonMapper {
 public:
  /// Errors: `bad_mapping`; the detail names the field.
  static Result<JsonMapper> Make(const JsonMapping& mapping);

  /// Reads a document that arrived at `received_at`. What an item without an id is called in an
  /// answer about one alone is `own_id`; empty: such an item is a bad one. Errors: `bad_json`,
  /// `no_items`, `too_many`. Linear in the document for each field.
  Result<JsonItems> Read(std::string_view document, WallTime received_at,
                         std::string_view own_id = {}) const;

 private:
  struct Plan;
  class Reading;
  explicit JsonMapper(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}

  std::shared_ptr<const Plan> plan_;
};

}  // namespace trackwire::formats
