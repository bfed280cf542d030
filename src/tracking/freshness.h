#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "tracking/tracker.h"

namespace trackwire::tracking {

/// How much a place is worth now. Whoever reads a position works it out; nobody is told of it.
enum class Freshness : uint8_t {
  kLive,     ///< at most one fix is missing: no older than 2 intervals
  kDelayed,  ///< no older than 5 intervals
  kStale,    ///< no older than a day, or 20 intervals if that is longer
  kExpired,  ///< older
};
const char* ToString(Freshness freshness);

/// The interval of a tracker of which none is known.
inline constexpr std::chrono::seconds kUsualInterval{60};

/// By the age of a fix against what is expected between two of them; `expected_interval` not above
/// 0: kUsualInterval. A fix of a clock that is ahead is live. Any thread.
Freshness FreshnessOf(WallTime fix_time, std::chrono::seconds expected_interval, WallTime now);
/// The same by what is expected of `tracker`.
Freshness FreshnessOf(const Tracker& tracker, WallTime fix_time, WallTime now);

}  // namespace trackwire::tracking
