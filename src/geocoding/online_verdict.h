#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "geocoding/address.h"
#include "geocoding/online_geocoder.h"
#include "outbound/http_client.h"

namespace trackwire::geocoding {

/// What one request to a server came to.
enum class Outcome : uint8_t {
  kFound,
  kNotFound,
  kMayPass,      ///< no answer, a cut one, 5xx: asking again may help
  kSlowDown,     ///< 429
  kBanned,       ///< 403
  kBadLanguage,  ///< Photon: not in this language
  kRefused,      ///< 400: this request, not the server, is at fault
  kBroken,       ///< anything else; asking again soon does not help
};

struct OnlineVerdict {
  Outcome outcome = Outcome::kBroken;
  Address address;     ///< of kFound
  std::string detail;  ///< of all others, for the operator
  std::optional<std::chrono::milliseconds> retry_after;  ///< as the server said
};

/// How far from the point an object may be.
double FarthestM(const OnlineOptions& options);

/// The request for the address of a place. `language` as LanguageFor() gave it, or empty for names
/// in the server's own.
outbound::HttpRequest OnlineRequest(const OnlineOptions& options, const Place& place,
                                    std::string_view language);
/// In which language a server of this kind is asked for names.
std::string LanguageFor(OnlineKind kind, const Place& place);

/// Reads an answer, or why there is none. Any thread.
OnlineVerdict Judge(const OnlineOptions& options, const Place& place,
                    const Result<outbound::HttpAnswer>& answer);

}  // namespace trackwire::geocoding
