#include <utility>

#include "geocoding/provider_chain.h"

namespace trackwire::geocoding {

void OfflineGeocoder::Look(Place place, Done done) {
  if (index_ == nullptr) {
    return done(Err(LookupError{LookupFault::kUnavailable, "there is no offline index", {}}));
  }
  auto address = index_->Look(place.latitude, place.longitude);
  if (!address) {
    return done(Err(LookupError{LookupFault::kNotFound, "nothing but water is there", {}}));
  }
  done(Found{std::move(*address), "offline"});
}

}  // namespace trackwire::geocoding
