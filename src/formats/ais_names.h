#pragma once

#include <string>
#include <string_view>

namespace trackwire::formats {

/// The category of an AIS ship type (ITU-R M.1371-5, table 53; 1001 to 1025 as MarineCadastre
/// writes the US Coast Guard's own types). `other` for every other number.
std::string AisCategory(int ship_type);

/// A vessel's name as people write it: "COSCO NETHERLANDS" becomes "Cosco Netherlands". Codes,
/// Roman numbers and words with digits stay in capitals; a name with small letters stays as it is.
std::string VesselName(std::string_view raw);

}  // namespace trackwire::formats
