#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "geocoding/detail.h"
#include "geocoding/online_answer.h"

namespace trackwire::geocoding {

/// The request for the address of a place. `email` may be empty.
/// Spec: Nominatim API, "Reverse geocoding", jsonv2.
std::string NominatimUrl(const std::string& url, const Place& place, Detail detail,
                         std::string_view email);

/// The address in an answer in jsonv2; none when IsNearEnough() says that the object is not.
/// Does not throw. Any thread. Linear in `body`.
Result<Address, AnswerError> ReadNominatim(std::string_view body, const Place& asked,
                                           double max_distance_m);

}  // namespace trackwire::geocoding
