#pragma once

#include <string>

#include "geocoding/geocoder.h"

namespace trackwire::geocoding {

/// The middle of all points that round to the same coordinates, which share one answer: what is
/// looked up for any of them, so that the answer does not depend on who asked first. 180 degrees
/// west is 180 degrees east, a pole has one longitude, and there is no -0. `decimals` is 0 to 6.
Place CellCentre(const Place& place, int decimals);

/// What the cache and the queue call that cell:
/// `geo:<chain>:<language>:<detail>:<latitude>,<longitude>`, the language in lower case.
std::string PlaceKey(const Place& place, int decimals, const std::string& chain,
                     const std::string& detail);

}  // namespace trackwire::geocoding
