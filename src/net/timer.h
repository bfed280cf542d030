#pragma once

#include <chrono>
#include <cstdint>

namespace trackwire::net {

class TimerWheel;

/// A one-shot time-out that lives inside the object it serves and costs no allocation.
///
/// Belongs to the thread of its wheel. Destroying it disarms it. The callback may start it again
/// or destroy it; what it throws is logged.
class Timer {
 public:
  using Callback = void (*)(void* context);

  Timer(Callback callback, void* context) : callback_(callback), context_(context) {}
  ~Timer() { Cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Fires once, not before `after` and at most one tick of the wheel later; an armed timer is
  /// moved.
  void Start(TimerWheel& wheel, std::chrono::milliseconds after);
  void Cancel();
  bool armed() const { return previous_ != nullptr; }

 private:
  friend class TimerWheel;

  Timer* previous_ = nullptr;
  Timer* next_ = nullptr;
  Callback callback_;
  void* context_;
  TimerWheel* wheel_ = nullptr;
  uint64_t due_tick_ = 0;
};

}  // namespace trackwire::net
