#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"

namespace trackwire::outbound {

/// Keeps a source from being asked that does not answer anyway. Closed, it lets everything through;
/// after `failures` in a row it opens, for `open_for`; then it is half-open: one request tries, and
/// what becomes of that closes it or opens it again. Thread-compatible.
class CircuitBreaker {
 public:
  enum class State : uint8_t { kClosed, kOpen, kHalfOpen };

  /// `failures` at least 1.
  CircuitBreaker(uint32_t failures, std::chrono::milliseconds open_for)
      : failures_(failures), open_for_(open_for) {}

  State state(Steady::time_point now) const;
  /// Whether a request may start now. One that does is followed by OnSuccess(), OnFailure() or
  /// OnNothing().
  bool MayTry(Steady::time_point now) const;
  void OnStart(Steady::time_point now);
  /// True when this closes it.
  bool OnSuccess();
  /// True when this opens it, for the first time or again.
  bool OnFailure(Steady::time_point now);
  /// The request said nothing about the source.
  void OnNothing() { trying_ = false; }

  /// When it may be tried again; only while it is open.
  Steady::time_point retry_at() const { return opened_at_ + open_for_; }
  uint64_t opened() const { return opened_; }

 private:
  const uint32_t failures_;
  const std::chrono::milliseconds open_for_;
  uint32_t in_a_row_ = 0;
  bool is_open_ = false;  ///< or half-open
  bool trying_ = false;   ///< half-open: the one request is under way
  Steady::time_point opened_at_{};
  uint64_t opened_ = 0;
};

/// `closed`, `open`, `half_open`.
const char* ToString(CircuitBreaker::State state);

}  // namespace trackwire::outbound
