#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "broker/rate_limiter.h"

namespace trackwire::broker {

/// The one number of a bucket: when it will be full again. All times in microseconds of one clock.
///
/// `full_at` is set to when it is full again after the charge, if that is not later than filling
/// the whole burst takes; else it stays and the wait until that would be so is returned.
/// Spec: the generic cell rate algorithm of ITU-T I.371, as a virtual schedule.
double TakeFromBucket(double& full_at, double now, const BucketRule& rule, double cost);

/// Buckets in memory. Bounded: full ones, which say nothing, are forgotten as others are used, and at
/// the bound the one not used for longest is. Any thread.
class BucketTable {
 public:
  BucketTable(const Clock& clock, size_t max_buckets);

  Verdict TakeAll(const std::vector<BucketCharge>& charges);
  size_t size() const;

 private:
  struct Bucket {
    std::string key;
    double full_at = 0;
  };
  using Buckets = std::list<Bucket>;

  Bucket& Find(const std::string& key);
  void DropFull(double now);

  const Clock& clock_;
  const size_t max_buckets_;
  // Guards what follows: every shard and the control thread take from the same buckets, or else two
  // connections of one address could take twice. Held for a few map operations.
  mutable std::mutex mutex_;
  Buckets buckets_;  ///< the one used last in front
  std::unordered_map<std::string_view, Buckets::iterator> index_;  ///< keys are those in `buckets_`
};

/// What to say of the longest wait, in microseconds, of an act's buckets.
Verdict VerdictOf(double wait);

}  // namespace trackwire::broker
