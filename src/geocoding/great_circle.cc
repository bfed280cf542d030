#include "geocoding/great_circle.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace trackwire::geocoding {

GreatCircle GreatCircleOf(double from_latitude, double from_longitude, double to_latitude,
                          double to_longitude) {
  constexpr double kRadians = std::numbers::pi / 180;
  const double from = from_latitude * kRadians;
  const double to = to_latitude * kRadians;
  const double turn = (to_longitude - from_longitude) * kRadians;
  const double north = std::sin((to - from) / 2);
  const double east = std::sin(turn / 2);
  const double h = north * north + std::cos(from) * std::cos(to) * east * east;
  GreatCircle way;
  way.distance_m = 2 * kEarthRadiusM * std::asin(std::sqrt(std::clamp(h, 0.0, 1.0)));
  const double y = std::sin(turn) * std::cos(to);
  const double x = std::cos(from) * std::sin(to) - std::sin(from) * std::cos(to) * std::cos(turn);
  way.bearing = std::fmod(std::atan2(y, x) / kRadians + 360, 360);
  return way;
}

}  // namespace trackwire::geocoding
