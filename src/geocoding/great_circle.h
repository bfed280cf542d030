#pragma once

namespace trackwire::geocoding {

/// Of the sphere that distances are measured on: the mean radius of the earth.
inline constexpr double kEarthRadiusM = 6'371'008.8;

/// The way from one point to another.
struct GreatCircle {
  double distance_m = 0;
  double bearing = 0;  ///< degrees true at its beginning, 0 <= b < 360
};

/// Degrees, all finite. Any thread.
GreatCircle GreatCircleOf(double from_latitude, double from_longitude, double to_latitude,
                          double to_longitude);

}  // namespace trackwire::geocoding
