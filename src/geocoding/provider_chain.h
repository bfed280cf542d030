#pragma once

#include <memory>
#include <string>
#include <vector>

#include "geocoding/geocoder.h"
#include "geocoding/offline_index.h"

namespace trackwire::geocoding {

/// Asks the offline index as any other provider, under the name `offline`. Any thread; answers at
/// once, in English whatever the language.
class OfflineGeocoder final : public Geocoder {
 public:
  explicit OfflineGeocoder(std::shared_ptr<const OfflineIndex> index) : index_(std::move(index)) {}
  void Look(Place place, Done done) override;

 private:
  std::shared_ptr<const OfflineIndex> index_;
};

/// Asks one after the other until one has an address.
///
/// What the first one does not find the next may; when none has an address the answer is
/// `not_found` if any said so, else the last one's fault with the shortest `retry_after` of all.
/// Such a `not_found` is `incomplete` when another one failed. `waits_for_turn` when that is so for
/// any of them. Any thread.
class ProviderChain final : public Geocoder {
 public:
  explicit ProviderChain(std::vector<std::shared_ptr<Geocoder>> providers);
  ~ProviderChain() override;
  void Look(Place place, Done done) override;

 private:
  struct Walk;
  std::vector<std::shared_ptr<Geocoder>> providers_;
};

}  // namespace trackwire::geocoding
