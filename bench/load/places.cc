#include "load/places.h"

#include <algorithm>

namespace trackwire::bench {
namespace {

constexpr int32_t kHighest = 60 * kUnitsPerDegree;
constexpr int32_t kFarthest = 180 * kUnitsPerDegree;
constexpr uint64_t kSaltOfClients = 0x5bd1'e995'0000'0000;

// Spreads numbers that follow each other: the finalizer of SplitMix64.
uint64_t Mixed(uint64_t x) {
  x += 0x9e37'79b9'7f4a'7c15;
  x = (x ^ (x >> 30)) * 0xbf58'476d'1ce4'e5b9;
  x = (x ^ (x >> 27)) * 0x94d0'49bb'1331'11eb;
  return x ^ (x >> 31);
}

Place Spread(uint64_t number) {
  const uint64_t mixed = Mixed(number);
  const auto latitudes = static_cast<uint64_t>(2 * kHighest);
  const auto longitudes = static_cast<uint64_t>(2 * kFarthest);
  return {static_cast<int32_t>((mixed & 0xffff'ffff) % latitudes) - kHighest,
          static_cast<int32_t>((mixed >> 32) % longitudes) - kFarthest};
}

}  // namespace

Place PlaceOfTracker(uint64_t tracker) { return Spread(tracker); }

Box BoxOfClient(size_t client, double degrees) {
  const Place center = Spread(client ^ kSaltOfClients);
  const auto half = static_cast<int32_t>(degrees * kUnitsPerDegree / 2);
  return {std::max(center.longitude - half, -kFarthest), std::max(center.latitude - half, -kHighest),
          std::min(center.longitude + half, kFarthest), std::min(center.latitude + half, kHighest)};
}

BoxChecker::BoxChecker(const std::vector<size_t>& clients, double degrees, size_t publishers,
                       size_t trackers)
    : publishers_(publishers), trackers_(trackers), next_(clients.size() * publishers) {
  for (const size_t client : clients) boxes_.push_back(BoxOfClient(client, degrees));
  for (size_t tracker = 0; tracker < trackers; ++tracker) {
    by_latitude_.push_back({PlaceOfTracker(tracker), tracker});
  }
  std::sort(by_latitude_.begin(), by_latitude_.end(), [](const Standing& a, const Standing& b) {
    return a.place.latitude < b.place.latitude;
  });
}

void BoxChecker::Observe(size_t client, size_t publisher, uint64_t sequence) {
  if (!boxes_[client].Contains(PlaceOfTracker(sequence % trackers_))) {
    ++uninvited_;
    return;
  }
  uint64_t& next = next_[client * publishers_ + publisher];
  if (sequence < next) {
    // What came last may come twice; what is older is out of its place.
    ++(sequence + 1 == next ? faults_.duplicated : faults_.reordered);
    return;
  }
  next = sequence + 1;
  ++received_;
}

uint64_t BoxChecker::Expected(const std::vector<uint64_t>& published) const {
  // Tracker t is in the messages t, t + trackers, t + 2 * trackers, ... of each publisher.
  const auto messages = [&](size_t tracker) {
    uint64_t sum = 0;
    for (const uint64_t count : published) {
      if (count > tracker) sum += (count - tracker - 1) / trackers_ + 1;
    }
    return sum;
  };
  uint64_t expected = 0;
  for (const Box& box : boxes_) {
    auto at = std::lower_bound(
        by_latitude_.begin(), by_latitude_.end(), box.south,
        [](const Standing& one, int32_t south) { return one.place.latitude < south; });
    for (; at != by_latitude_.end() && at->place.latitude <= box.north; ++at) {
      if (box.Contains(at->place)) expected += messages(at->tracker);
    }
  }
  return expected;
}

DeliveryFaults BoxChecker::Faults(const std::vector<uint64_t>& published) const {
  DeliveryFaults faults = faults_;
  const uint64_t came = received_ + faults_.reordered;
  const uint64_t expected = Expected(published);
  faults.missing += expected > came ? expected - came : 0;
  return faults;
}

}  // namespace trackwire::bench
