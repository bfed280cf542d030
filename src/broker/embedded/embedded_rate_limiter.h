#pragma once

#include <utility>
#include <vector>

#include "broker/bucket_table.h"

namespace trackwire::broker {

/// Buckets in memory: a process alone has the answer at hand.
class EmbeddedRateLimiter final : public RateLimiter {
 public:
  EmbeddedRateLimiter(const Clock& clock, size_t max_buckets) : buckets_(clock, max_buckets) {}

  void TakeAll(std::vector<BucketCharge> charges, Done done) override {
    done(buckets_.TakeAll(charges));
  }

 private:
  BucketTable buckets_;
};

}  // namespace trackwire::broker
