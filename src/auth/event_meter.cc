#include "auth/event_meter.h"

#include <algorithm>
#include <utility>

#include "broker/bucket_table.h"

namespace trackwire::auth {
namespace {

using std::chrono::milliseconds;

/// Charges are a twentieth of what a full bucket holds at most.
uint32_t LargestGroup(const broker::BucketRule& rule) {
  return static_cast<uint32_t>(std::clamp(rule.burst / 20, 1.0, 50.0));
}

int64_t Nanos(Steady::time_point time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

}  // namespace

SharedMeter::SharedMeter(broker::RateLimiter& limiter, const Clock& clock, std::string key,
                         broker::BucketRule rule)
    : limiter_(limiter),
      clock_(clock),
      key_(std::move(key)),
      rule_(rule),
      largest_group_(LargestGroup(rule)) {}

milliseconds SharedMeter::Take(Steady::time_point now) {
  const milliseconds wait = WaitAt(now);
  if (wait.count() > 0 || UseGroup()) return wait;
  BeginGroup();
  return WaitAt(now);  // where the answer is at hand it counts for this one already
}

milliseconds SharedMeter::WaitAt(Steady::time_point now) const {
  const int64_t wait_ns = refused_until_ns_.load(std::memory_order_relaxed) - Nanos(now);
  if (wait_ns <= 0) return milliseconds(0);
  return std::chrono::ceil<milliseconds>(std::chrono::nanoseconds(wait_ns));
}

bool SharedMeter::UseGroup() {
  uint32_t left = left_.load(std::memory_order_relaxed);
  while (left > 0) {
    if (left_.compare_exchange_weak(left, left - 1, std::memory_order_relaxed)) return true;
  }
  return false;
}

void SharedMeter::BeginGroup() {
  const uint32_t group = next_group_.load(std::memory_order_relaxed);
  next_group_.store(std::min(group * 2, largest_group_), std::memory_order_relaxed);
  left_.fetch_add(group - 1, std::memory_order_relaxed);
  limiter_.Take(key_, rule_, group, [self = shared_from_this()](broker::Verdict verdict) {
    if (verdict.allowed) return;
    // Nothing was taken, so it must not count as paid once the wait is over.
    self->left_.store(0, std::memory_order_relaxed);
    self->refused_until_ns_.store(Nanos(self->clock_.Now() + verdict.retry_after),
                                  std::memory_order_relaxed);
  });
}

std::shared_ptr<SharedMeter> SharedMeters::Find(const std::string& key, broker::BucketRule rule) {
  const std::lock_guard lock(mutex_);
  std::weak_ptr<SharedMeter>& held = meters_[key];
  auto meter = held.lock();
  if (meter == nullptr) {
    meter = std::make_shared<SharedMeter>(limiter_, clock_, key, rule);
    held = meter;
  }
  if (meters_.size() >= sweep_at_) {
    std::erase_if(meters_, [](const auto& one) { return one.second.expired(); });
    sweep_at_ = std::max<size_t>(64, meters_.size() * 2);
  }
  return meter;
}

EventMeter::EventMeter(const LimitRules& rules, LimitCounters& counters, std::string user,
                       std::shared_ptr<SharedMeter> by_user,
                       std::shared_ptr<SharedMeter> by_address)
    : rules_(rules),
      counters_(counters),
      user_(std::move(user)),
      by_user_(std::move(by_user)),
      by_address_(std::move(by_address)) {}

void EventMeter::SetUser(std::string user, std::shared_ptr<SharedMeter> by_user) {
  user_ = std::move(user);
  by_user_ = std::move(by_user);
}

broker::Verdict EventMeter::Take(Steady::time_point now) {
  using Micros = std::chrono::duration<double, std::micro>;
  const broker::BucketRule& rule = rules_.Of(LimitKind::kEvent, LimitScope::kSession);
  const double now_us = Micros(now.time_since_epoch()).count();
  const double wait = broker::TakeFromBucket(full_at_us_, now_us, rule, 1);
  if (wait > 0) return Refuse(now, broker::VerdictOf(wait).retry_after);
  milliseconds shared_wait{0};
  for (SharedMeter* meter : {by_user_.get(), by_address_.get()}) {
    if (meter != nullptr) shared_wait = std::max(shared_wait, meter->Take(now));
  }
  if (shared_wait.count() > 0) return Refuse(now, shared_wait);
  counters_.allowed[static_cast<size_t>(LimitKind::kEvent)].fetch_add(1,
                                                                      std::memory_order_relaxed);
  return {};
}

broker::Verdict EventMeter::Refuse(Steady::time_point now, milliseconds wait) {
  counters_.refused[static_cast<size_t>(LimitKind::kEvent)].fetch_add(1,
                                                                      std::memory_order_relaxed);
  if (refusals_ == 0 || now - refusals_since_ > std::chrono::seconds(rules_.abuse_window_s)) {
    refusals_since_ = now;
    refusals_ = 0;
  }
  ++refusals_;
  return {false, wait};
}

bool EventMeter::Abusive() const {
  return rules_.abuse_refusals > 0 && refusals_ >= rules_.abuse_refusals;
}

}  // namespace trackwire::auth
