#pragma once

#include <optional>

#include "geocoding/index_file.h"

namespace trackwire::geocoding {

/// The number of the country that has the point; nothing at sea. Latitude -90 to 90, longitude
/// -180 to 180. No allocation.
std::optional<uint16_t> FindCountry(const IndexFile& file, double latitude, double longitude);

}  // namespace trackwire::geocoding
