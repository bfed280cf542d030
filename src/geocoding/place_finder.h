#pragma once

#include <array>

#include "geocoding/index_file.h"

namespace trackwire::geocoding {

/// On the unit sphere, as PlaceRecord::at.
using SpherePoint = std::array<double, 3>;
SpherePoint ToSphere(double latitude, double longitude);

/// Along the surface, and the initial course from one to the other in degrees true.
double DistanceM(const SpherePoint& from, const SpherePoint& to);
double BearingOf(const SpherePoint& from, const SpherePoint& to);

/// What a country's places say of a point. Null: there is none within the limit.
struct NearPlaces {
  const PlaceRecord* nearest = nullptr;  ///< parts of cities too
  const PlaceRecord* best = nullptr;     ///< which a point is named after
};

/// Searches the places of one country. The best one has the least distance in terms of its reach,
/// in the state of the nearest one unless the country's states are small. No allocation.
NearPlaces FindPlaces(const IndexFile& file, const CountryRecord& country, const SpherePoint& point,
                      double limit_m);

}  // namespace trackwire::geocoding
