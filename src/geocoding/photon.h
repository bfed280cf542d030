#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "geocoding/detail.h"
#include "geocoding/online_answer.h"

namespace trackwire::geocoding {

/// The request for the address of a place, of documented parameters alone: Photon refuses others.
/// `language` is one that PhotonLanguage() gave, or empty for the server's own.
/// Spec: Photon's README, "Reverse geocode".
std::string PhotonUrl(const std::string& url, const Place& place, Detail detail,
                      double max_distance_m, std::string_view language);

/// Photon knows languages, not their regional forms: the first part of a tag, in lower case; empty
/// when it is none.
std::string PhotonLanguage(std::string_view tag);

/// The address in an answer in GeoJSON; none when IsNearEnough() says that the object is not.
/// Does not throw. Any thread. Linear in `body`.
Result<Address, AnswerError> ReadPhoton(std::string_view body, const Place& asked,
                                        double max_distance_m);

/// Whether the body of an answer 400 is about the language.
bool IsPhotonLanguageError(std::string_view body);

}  // namespace trackwire::geocoding
