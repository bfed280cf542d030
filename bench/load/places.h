#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "load/sequence.h"

namespace trackwire::bench {

/// A place in ten-thousandths of a degree, so that what is in a box is exact.
struct Place {
  int32_t latitude = 0;
  int32_t longitude = 0;
};
inline constexpr int32_t kUnitsPerDegree = 10'000;

struct Box {
  int32_t west = 0;
  int32_t south = 0;
  int32_t east = 0;
  int32_t north = 0;

  bool Contains(Place place) const {
    return place.longitude >= west && place.longitude <= east && place.latitude >= south &&
           place.latitude <= north;
  }
};

/// Where a tracker of a run stands: spread evenly between 60 degrees south and north, the same
/// whenever it is asked.
Place PlaceOfTracker(uint64_t tracker);
/// The part of the map a client looks at: so many degrees wide and high, around a place spread as
/// the trackers are, cut off at the edges of the map.
Box BoxOfClient(size_t client, double degrees);

/// Checks, of clients that look at a box each, that everybody gets what happens in theirs, once and
/// in order, and nothing else. Thread-compatible.
class BoxChecker {
 public:
  /// `clients` are their numbers in the whole run; observed by their position in that list.
  BoxChecker(const std::vector<size_t>& clients, double degrees, size_t publishers,
             size_t trackers);

  /// A message came that says where its tracker is by its number alone.
  void Observe(size_t client, size_t publisher, uint64_t sequence);
  /// Messages that came and were expected.
  uint64_t received() const { return received_; }
  /// What all clients together are to get of so many messages of each publisher.
  uint64_t Expected(const std::vector<uint64_t>& published) const;

  /// With what is missing of those messages.
  DeliveryFaults Faults(const std::vector<uint64_t>& published) const;
  /// Messages from outside their receiver's box.
  uint64_t uninvited() const { return uninvited_; }

 private:
  struct Standing {
    Place place;
    size_t tracker;
  };

  size_t publishers_;
  size_t trackers_;
  std::vector<Box> boxes_;
  std::vector<Standing> by_latitude_;
  std::vector<uint64_t> next_;  ///< by client and publisher
  DeliveryFaults faults_;
  uint64_t received_ = 0;
  uint64_t uninvited_ = 0;
};

}  // namespace trackwire::bench
