#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json_scanner.h"
#include "formats/json_mapping.h"
#include "tracking/position.h"

namespace trackwire::formats {

double MetersPerSecond(double speed, SpeedUnit unit);
double Meters(double length, LengthUnit unit);

/// A place in range, in one of the forms of PointForm.
std::optional<tracking::LatLon> PlaceOf(base::JsonValue value, PointForm form);

/// How a source writes times.
struct TimeReader {
  TimeForm form = TimeForm::kAuto;
  std::string pattern;
  int zone_minutes = 0;

  /// After the epoch and before the year 10000; `now` is what ages are counted from.
  std::optional<WallTime> Read(base::JsonValue value, WallTime now) const;
};

}  // namespace trackwire::formats
