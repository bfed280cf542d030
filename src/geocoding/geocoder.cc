#include "geocoding/geocoder.h"

namespace trackwire::geocoding {

const char* ToString(LookupFault fault) {
  switch (fault) {
    case LookupFault::kNotFound: return "not_found";
    case LookupFault::kRateLimited: return "rate_limited";
    case LookupFault::kUnavailable: return "provider_unavailable";
  }
  return "";
}

}  // namespace trackwire::geocoding
