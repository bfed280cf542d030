#include "tracking/freshness.h"

#include <algorithm>

namespace trackwire::tracking {
namespace {

constexpr std::chrono::hours kLeastUntilExpired{24};
// Longer ones are no intervals; times of that size still add up.
constexpr std::chrono::hours kLongestInterval{24 * 366};

}  // namespace

const char* ToString(Freshness freshness) {
  switch (freshness) {
    case Freshness::kLive: return "live";
    case Freshness::kDelayed: return "delayed";
    case Freshness::kStale: return "stale";
    case Freshness::kExpired: break;
  }
  return "expired";
}

Freshness FreshnessOf(WallTime fix_time, std::chrono::seconds expected_interval, WallTime now) {
  using std::chrono::milliseconds;
  const bool known = expected_interval.count() > 0;
  const milliseconds interval =
      known ? std::min<std::chrono::seconds>(expected_interval, kLongestInterval) : kUsualInterval;
  if (fix_time >= now - 2 * interval) return Freshness::kLive;
  if (fix_time >= now - 5 * interval) return Freshness::kDelayed;
  const milliseconds until_expired = std::max<milliseconds>(kLeastUntilExpired, 20 * interval);
  return fix_time >= now - until_expired ? Freshness::kStale : Freshness::kExpired;
}

Freshness FreshnessOf(const Tracker& tracker, WallTime fix_time, WallTime now) {
  return FreshnessOf(fix_time, tracker.expected_interval, now);
}

}  // namespace trackwire::tracking
