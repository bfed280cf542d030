#pragma once

namespace trackwire::formats {

/// What others measure in, in ours: metres, and metres a second.
inline constexpr double kNauticalMileM = 1852;
inline constexpr double kFootM = 0.3048;
inline constexpr double kKilometreM = 1000;

inline constexpr double kKnotMps = kNauticalMileM / 3600;
inline constexpr double kKilometreAnHourMps = 1 / 3.6;
inline constexpr double kMileAnHourMps = 0.44704;
inline constexpr double kFootAMinuteMps = kFootM / 60;

enum class SpeedUnit { kMetresPerSecond, kKnots, kKilometresPerHour, kMilesPerHour };

/// `value` of `unit` in metres a second.
inline double MetresPerSecond(double value, SpeedUnit unit) {
  switch (unit) {
    case SpeedUnit::kKnots:
      return value * kNauticalMileM / 3600;
    case SpeedUnit::kKilometresPerHour:
      return value / 3.6;
    case SpeedUnit::kMilesPerHour:
      return value * kMileAnHourMps;
    case SpeedUnit::kMetresPerSecond:
      break;
  }
  return value;
}

}  // namespace trackwire::formats
