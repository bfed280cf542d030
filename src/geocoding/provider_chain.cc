#include "geocoding/provider_chain.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace trackwire::geocoding {

/// One place on its way through the providers.
struct ProviderChain::Walk : std::enable_shared_from_this<ProviderChain::Walk> {
  Walk(std::vector<std::shared_ptr<Geocoder>> providers_to_ask, Place where, Done then)
      : providers(std::move(providers_to_ask)), place(std::move(where)), done(std::move(then)) {}

  /// Each provider answers before the next one is asked, so that no two threads are in here.
  void Next() {
    if (at == providers.size()) return done(Err(Summary()));
    const std::shared_ptr<Geocoder> provider = providers[at++];
    provider->Look(place, [self = shared_from_this()](Result<Found, LookupError> result) {
      if (result) return self->done(std::move(result));
      self->Note(std::move(result.error()));
      self->Next();
    });
  }

  void Note(LookupError error) {
    if (error.retry_after) {
      retry_after = std::min(retry_after.value_or(*error.retry_after), *error.retry_after);
    }
    waits_for_turn = waits_for_turn || error.waits_for_turn;
    if (error.fault == LookupFault::kNotFound) {
      not_found = error;
    } else {
      failed = true;
    }
    last = std::move(error);
  }

  LookupError Summary() {
    LookupError summary = not_found ? std::move(*not_found) : std::move(last);
    if (!not_found || waits_for_turn) summary.retry_after = retry_after;
    summary.waits_for_turn = waits_for_turn;
    summary.incomplete = not_found && failed;
    return summary;
  }

  const std::vector<std::shared_ptr<Geocoder>> providers;
  const Place place;
  const Done done;
  size_t at = 0;
  std::optional<std::chrono::milliseconds> retry_after;
  bool waits_for_turn = false;
  bool failed = false;
  std::optional<LookupError> not_found;
  LookupError last{LookupFault::kUnavailable, "there is no provider", {}};
};

ProviderChain::ProviderChain(std::vector<std::shared_ptr<Geocoder>> providers)
    : providers_(std::move(providers)) {}

ProviderChain::~ProviderChain() = default;

void ProviderChain::Look(Place place, Done done) {
  std::make_shared<Walk>(providers_, std::move(place), std::move(done))->Next();
}

}  // namespace trackwire::geocoding
