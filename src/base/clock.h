#pragma once

#include <chrono>
#include <cstdint>

namespace trackwire {

/// Time that never jumps: time-outs, heartbeats, latencies.
using Steady = std::chrono::steady_clock;
/// Time of day in UTC, with milliseconds: fixes, log offsets, tokens.
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

/// Where code takes the time from, so that a test can hold it still. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Steady::time_point Now() const = 0;
  virtual WallTime WallNow() const = 0;

  /// The machine's own clocks.
  static const Clock& System();
};

/// A clock that moves only when told, for tests. Not for concurrent use with Advance().
class ManualClock final : public Clock {
 public:
  Steady::time_point Now() const override { return now_; }
  WallTime WallNow() const override { return wall_; }
  void Advance(std::chrono::milliseconds by) {
    now_ += by;
    wall_ += by;
  }
  void SetWall(WallTime wall) { wall_ = wall; }

 private:
  Steady::time_point now_{std::chrono::hours(1)};
  WallTime wall_{std::chrono::milliseconds(1'700'000'000'000)};
};

}  // namespace trackwire
