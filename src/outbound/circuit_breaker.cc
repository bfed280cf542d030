#include "outbound/circuit_breaker.h"

namespace trackwire::outbound {

CircuitBreaker::State CircuitBreaker::state(Steady::time_point now) const {
  if (!is_open_) return State::kClosed;
  return now < retry_at() ? State::kOpen : State::kHalfOpen;
}

bool CircuitBreaker::MayTry(Steady::time_point now) const {
  switch (state(now)) {
    case State::kClosed: return true;
    case State::kOpen: return false;
    case State::kHalfOpen: return !trying_;
  }
  return false;
}

void CircuitBreaker::OnStart(Steady::time_point now) {
  if (state(now) == State::kHalfOpen) trying_ = true;
}

bool CircuitBreaker::OnSuccess() {
  in_a_row_ = 0;
  trying_ = false;
  const bool closes = is_open_;
  is_open_ = false;
  return closes;
}

bool CircuitBreaker::OnFailure(Steady::time_point now) {
  trying_ = false;
  ++in_a_row_;
  // Those that were under way when it opened say nothing new.
  if (is_open_ && now < retry_at()) return false;
  if (!is_open_ && in_a_row_ < failures_) return false;
  is_open_ = true;
  opened_at_ = now;
  ++opened_;
  return true;
}

const char* ToString(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::kClosed: return "closed";
    case CircuitBreaker::State::kOpen: return "open";
    case CircuitBreaker::State::kHalfOpen: return "half_open";
  }
  return "";
}

}  // namespace trackwire::outbound
