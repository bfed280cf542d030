#include "load/pacer.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace trackwire::bench {
namespace {

constexpr double kNsPerSecond = 1e9;

uint64_t LimitOf(const Plan& plan) {
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  if (plan.mode == Mode::kRate) {
    const double seconds = static_cast<double>(plan.duration_ns) / kNsPerSecond;
    limit = static_cast<uint64_t>(std::ceil(plan.messages_per_second * seconds));
  }
  return plan.max_messages == 0 ? limit : std::min(limit, plan.max_messages);
}

}  // namespace

Pacer::Pacer(const Plan& plan, uint64_t already_sent)
    : plan_(plan), already_sent_(already_sent), limit_(LimitOf(plan)) {
  if (plan.mode == Mode::kRate) {
    interval_ns_ = static_cast<int64_t>(kNsPerSecond / plan.messages_per_second);
  }
}

size_t Pacer::Due(int64_t now_ns, uint64_t complete) const {
  if (IsFinished(now_ns) || now_ns < plan_.start_ns) return 0;
  const uint64_t outstanding = already_sent_ + sent_ - complete;
  uint64_t due = plan_.window - std::min<uint64_t>(outstanding, plan_.window);
  if (plan_.mode == Mode::kRate) {
    const auto scheduled = static_cast<uint64_t>((now_ns - plan_.start_ns) / interval_ns_) + 1;
    due = std::min(due, scheduled - std::min(scheduled, sent_));
  }
  due = std::min({due, Remaining(), uint64_t{plan_.batch}});
  const bool whole = due == std::min(Remaining(), uint64_t{plan_.batch});
  return plan_.mode == Mode::kRate || whole ? static_cast<size_t>(due) : 0;
}

int64_t Pacer::Sent(size_t n, int64_t now_ns) {
  const int64_t at = plan_.start_ns + static_cast<int64_t>(sent_) * interval_ns_;
  sent_ += n;
  return plan_.mode == Mode::kRate ? at : now_ns;
}

int64_t Pacer::NextDue_ns() const {
  if (Remaining() == 0) return -1;
  if (plan_.mode == Mode::kSaturated) return sent_ == 0 ? plan_.start_ns : -1;
  return plan_.start_ns + static_cast<int64_t>(sent_) * interval_ns_;
}

bool Pacer::IsFinished(int64_t now_ns) const {
  if (Remaining() == 0) return true;
  return plan_.mode == Mode::kSaturated && now_ns >= plan_.start_ns + plan_.duration_ns;
}

void Pacer::Stop() { limit_ = sent_; }

uint64_t Pacer::Remaining() const { return limit_ - sent_; }

}  // namespace trackwire::bench
