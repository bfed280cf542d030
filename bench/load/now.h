#pragma once

#include <chrono>
#include <cstdint>

namespace trackwire::bench {

/// Steady-clock nanoseconds.
inline int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace trackwire::bench
