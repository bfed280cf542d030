#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "net/timer.h"

namespace trackwire::net {

/// Every time-out of one loop, in a hierarchical timing wheel: starting and cancelling take
/// constant time and no memory, firing is amortised constant.
///
/// Knows no thread and no waiting: its owner calls Advance() when next_event() has come.
/// Thread-compatible.
class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{10};

  explicit TimerWheel(const Clock& clock);
  /// Disarms the timers that are left.
  ~TimerWheel();
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;

  /// Fires what is due, in the order of the ticks.
  void Advance(Steady::time_point now);

  /// When Advance() has something to do next; nothing while no timer is armed.
  std::optional<Steady::time_point> next_event() const;
  size_t armed() const { return armed_; }

 private:
  friend class Timer;

  // The first level has one slot a tick, each further one 64 slots as long as the whole level
  // below it: 2.56 s, 164 s, 2.9 h, 7.8 days. What is due later goes round the last one again.
  static constexpr int kLevels = 4;
  static constexpr int kFirstBits = 8;
  static constexpr int kLevelBits = 6;
  static constexpr size_t kFirstSlots = size_t{1} << kFirstBits;
  static constexpr size_t kLevelSlots = size_t{1} << kLevelBits;
  static constexpr size_t kSlots = kFirstSlots + (kLevels - 1) * kLevelSlots;

  struct Slot : Timer {
    Slot();
    ~Slot();
  };

  void Add(Timer& timer, std::chrono::milliseconds after);
  void Insert(Timer& timer);
  void Unlinked(const Timer& slot);
  void Cascade(int level);
  void Expire();
  uint64_t NextTick() const;
  uint64_t TickOf(Steady::time_point time) const;

  static int Shift(int level) { return level == 0 ? 0 : kFirstBits + (level - 1) * kLevelBits; }
  static size_t Width(int level) { return level == 0 ? kFirstSlots : kLevelSlots; }
  static size_t Base(int level) {
    return level == 0 ? 0 : kFirstSlots + static_cast<size_t>(level - 1) * kLevelSlots;
  }

  const Clock& clock_;
  Steady::time_point origin_;
  uint64_t current_ = 0;
  size_t armed_ = 0;
  std::unique_ptr<std::array<Slot, kSlots>> slots_;
  std::array<uint64_t, kSlots / 64> occupied_{};
};

}  // namespace trackwire::net
