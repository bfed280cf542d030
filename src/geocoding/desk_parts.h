#pragma once

#include <memory>

#include "geocoding/geocoding_desk.h"

namespace trackwire::geocoding {

/// What the parts of one desk share. Outlives them.
struct DeskParts {
  net::Loop& control;  ///< the broker's; all parts belong to it
  broker::Broker& broker;
  const Clock& clock;
  std::shared_ptr<const OfflineIndex> index;  ///< may be empty
  std::shared_ptr<Geocoder> chain;            ///< may be empty
  GeocodingDesk::Options options;
  GeocodingCounters counters;

  static void Count(std::atomic<uint64_t>& counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
  }
  /// What the offline index knows of a place. Any thread.
  std::optional<AddressAnswer> Offline(const Place& place, bool provisional) const;
};

}  // namespace trackwire::geocoding
