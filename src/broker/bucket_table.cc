#include "broker/bucket_table.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace trackwire::broker {
namespace {

constexpr double kSecond = 1e6;
/// What rounding may add up to over a burst.
constexpr double kTolerance = 1;
constexpr int kFullOnesLookedAt = 2;

}  // namespace

double TakeFromBucket(double& full_at, double now, const BucketRule& rule, double cost) {
  if (!(rule.per_second > 0)) return 0;
  const double burst = rule.burst > 1 ? rule.burst : 1;
  const double to_fill = burst / rule.per_second * kSecond;
  // A clock that was set back must not keep anybody out for longer than an empty bucket does.
  const double begin = std::clamp(full_at, now, now + to_fill);
  const double taken = std::isnan(cost) ? 0 : std::clamp(cost, -burst, burst);
  const double then = std::max(now, begin + taken / rule.per_second * kSecond);
  const double wait = then - (now + to_fill);
  if (wait > kTolerance) return wait;
  full_at = then;
  return 0;
}

Verdict VerdictOf(double wait) {
  if (!(wait > 0)) return {};
  constexpr double kLongest = 86'400e6;
  const double ms = std::ceil(std::min(wait, kLongest) / 1'000);
  return {false, std::chrono::milliseconds(static_cast<int64_t>(ms))};
}

BucketTable::BucketTable(const Clock& clock, size_t max_buckets)
    : clock_(clock), max_buckets_(std::max<size_t>(max_buckets, 16)) {}

Verdict BucketTable::TakeAll(const std::vector<BucketCharge>& charges) {
  using Micros = std::chrono::duration<double, std::micro>;
  const std::lock_guard lock(mutex_);
  const double now = Micros(clock_.Now().time_since_epoch()).count();
  DropFull(now);
  double wait = 0;
  for (const BucketCharge& charge : charges) {
    const auto found = index_.find(charge.key);
    double full_at = 0;
    if (found != index_.end()) {
      full_at = found->second->full_at;
      // Also when it is refused: who is kept out must not be forgotten for it.
      buckets_.splice(buckets_.begin(), buckets_, found->second);
    }
    wait = std::max(wait, TakeFromBucket(full_at, now, charge.rule, charge.cost));
  }
  if (wait > 0) return VerdictOf(wait);
  for (const BucketCharge& charge : charges) {
    if (!(charge.rule.per_second > 0)) continue;
    TakeFromBucket(Find(charge.key).full_at, now, charge.rule, charge.cost);
  }
  return {};
}

BucketTable::Bucket& BucketTable::Find(const std::string& key) {
  if (const auto found = index_.find(key); found != index_.end()) return *found->second;
  if (buckets_.size() >= max_buckets_) {
    index_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front({key, 0});
  index_.emplace(buckets_.front().key, buckets_.begin());
  return buckets_.front();
}

void BucketTable::DropFull(double now) {
  for (int i = 0; i < kFullOnesLookedAt && !buckets_.empty(); ++i) {
    if (buckets_.back().full_at > now) return;
    index_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
}

size_t BucketTable::size() const {
  const std::lock_guard lock(mutex_);
  return buckets_.size();
}

}  // namespace trackwire::broker
