#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/result.h"
#include "geocoding/address.h"

namespace trackwire::geocoding {

/// The point whose address is asked for.
struct Place {
  double latitude = 0;   ///< degrees WGS 84, -90 to 90
  double longitude = 0;  ///< degrees, -180 to 180
  std::string language;  ///< of the names: a tag (RFC 5646) of at most 35 bytes; never empty
};

struct Found {
  Address address;
  std::string provider;  ///< its configured name
};

/// Why there is no address.
enum class LookupFault : uint8_t {
  kNotFound,     ///< nothing there has one: `not_found`
  kRateLimited,  ///< the provider wants to be asked later: `rate_limited`
  kUnavailable,  ///< it does not answer, or not in its format: `provider_unavailable`
};

/// As clients get it.
const char* ToString(LookupFault fault);

struct LookupError {
  LookupFault fault = LookupFault::kUnavailable;
  std::string detail;  ///< for the operator; holds no key and no address of a server's user
  std::optional<std::chrono::milliseconds> retry_after;
  /// A provider was not asked only because we ask it for so much: who can wait tries again.
  bool waits_for_turn = false;
  /// Of kNotFound: another provider, that could not say, may know.
  bool incomplete = false;
};

/// Somebody who knows addresses.
class Geocoder {
 public:
  using Done = std::function<void(Result<Found, LookupError>)>;

  virtual ~Geocoder() = default;
  /// Any thread. `done` is called once, on any thread, within the geocoder's time-outs, maybe
  /// before this returns.
  virtual void Look(Place place, Done done) = 0;
};

}  // namespace trackwire::geocoding
