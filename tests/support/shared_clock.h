#pragma once

#include <atomic>

#include "base/clock.h"

namespace trackwire::test {

/// A clock that moves only when told, for code with several threads.
class SharedClock final : public Clock {
 public:
  Steady::time_point Now() const override {
    return Steady::time_point(std::chrono::milliseconds(steady_ms_));
  }
  WallTime WallNow() const override { return WallTime(std::chrono::milliseconds(wall_ms_)); }

  void Advance(std::chrono::milliseconds by) {
    steady_ms_ += by.count();
    wall_ms_ += by.count();
  }
  /// The wall clock is set, as by an operator.
  void StepWall(std::chrono::milliseconds by) { wall_ms_ += by.count(); }

 private:
  std::atomic<int64_t> steady_ms_{3'600'000};
  std::atomic<int64_t> wall_ms_{1'700'000'000'000};
};

}  // namespace trackwire::test
