#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "base/clock.h"
#include "base/result.h"

namespace trackwire::tracking {

/// The name of a tracker or client as it stands on the wire: a string or an integer, which keeps
/// its type. 7 and "7" are different ids.
class Id {
 public:
  Id() = default;
  explicit Id(std::string text) : value_(std::move(text)) {}
  explicit Id(int64_t number) : value_(number) {}

  bool is_integer() const { return std::holds_alternative<int64_t>(value_); }
  /// As JSON: `"abc"` or `7`. Also the key under which it is stored.
  std::string ToJson() const;
  /// From a scanned JSON string or integer; nothing for other types, the empty string or one
  /// longer than 128 bytes.
  static std::optional<Id> FromJson(std::string_view json_text);
  /// For people and logs: without quotes.
  std::string ToText() const;
  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  std::variant<std::string, int64_t> value_;
};

struct LatLon {
  double latitude = 0;   ///< degrees WGS84, -90..90
  double longitude = 0;  ///< degrees WGS84, -180..180
};

/// Great-circle distance in metres on a sphere of 6,371,008.8 m radius. Any thread.
double DistanceM(LatLon a, LatLon b);

/// What a provider or device reported, in SI units; absent means unknown.
struct Fix {
  LatLon place;
  WallTime fix_time{};
  std::optional<double> altitude_m;
  std::optional<double> accuracy_m;       ///< radius, 68 %
  std::optional<double> speed_mps;
  std::optional<double> course_deg;       ///< over ground, true, 0 <= c < 360
  std::optional<double> heading_deg;      ///< where it points, true
  std::optional<double> battery_percent;
  std::optional<bool> valid;
  std::string source;                     ///< provider kind and instance, no secrets
  std::string attributes_json;            ///< a flat JSON object, or empty
};

enum class Motion : uint8_t { kUnknown, kMoving, kStopped };
enum class Connectivity : uint8_t { kUnknown, kOnline, kOffline };
const char* ToString(Motion motion);
const char* ToString(Connectivity connectivity);

/// A fix that was accepted and stored.
struct Position {
  Id tracker_id;
  Fix fix;
  WallTime received_at{};
  Motion motion = Motion::kUnknown;
};

/// Whether a fix may be stored: finite and in range, and not further ahead of `now` than `skew`.
/// Errors: `not_finite`, `out_of_range`, `missing_fix_time` (the epoch or before),
/// `future_fix_time`; the detail names the field.
Result<void> CheckFix(const Fix& fix, WallTime now, std::chrono::milliseconds skew);

/// To how many steps a unit the numbers of a position are rounded wherever they are printed.
inline constexpr double kCoordinateSteps = 1e7;
inline constexpr double kMetreSteps = 100;
inline constexpr double kSpeedSteps = 1000;
inline constexpr double kAngleSteps = 100;
inline constexpr double kBatterySteps = 10;
/// What is printed of a direction: one that would be rounded up to 360 is 0.
std::optional<double> PrintedAngle(const std::optional<double>& degrees);
/// Appends a finite number, rounded so.
void AppendRounded(std::string& out, double value, double steps_per_unit);

/// The JSON object of a position as it stands in events and answers (without tracker_id unless
/// `with_tracker_id`); coordinates with at most 7 decimals.
std::string ToJson(const Position& position, bool with_tracker_id);

}  // namespace trackwire::tracking
