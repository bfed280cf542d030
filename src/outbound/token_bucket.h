#pragma once

#include <algorithm>
#include <chrono>

#include "base/clock.h"

namespace trackwire::outbound {

/// Lets `per_second` through on average, and one second's worth (at least one) at once.
/// Thread-compatible.
class TokenBucket {
 public:
  TokenBucket(double per_second, Steady::time_point now)
      : per_second_(per_second),
        most_(std::max(1.0, per_second)),
        tokens_(most_),
        filled_at_(now) {}

  /// Takes one; false when there is none.
  bool Take(Steady::time_point now) {
    Fill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }
  /// Until there is one again.
  std::chrono::milliseconds Wait(Steady::time_point now) {
    Fill(now);
    if (tokens_ >= 1) return {};
    const double seconds = (1 - tokens_) / per_second_;
    return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000) + 1);
  }

 private:
  void Fill(Steady::time_point now) {
    const std::chrono::duration<double> passed = now - filled_at_;
    tokens_ = std::min(most_, tokens_ + passed.count() * per_second_);
    filled_at_ = now;
  }

  const double per_second_;
  const double most_;
  double tokens_;
  Steady::time_point filled_at_;
};

}  // namespace trackwire::outbound
