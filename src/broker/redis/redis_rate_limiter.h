#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "broker/bucket_table.h"
#include "broker/rate_limiter.h"
#include "broker/redis/redis_client.h"
#include "net/loop.h"

namespace trackwire::broker {

/// Buckets in Redis, by its clock: one string each, that expires when its bucket is full.
///
/// When Redis is away, refuses, or takes longer than `patience`, buckets in this process decide.
/// All it is given outlives it; destroy it on the loop.
class RedisRateLimiter final : public RateLimiter {
 public:
  struct Options {
    std::string prefix;                        ///< with a hash tag in a cluster
    std::chrono::milliseconds patience{500};
    size_t max_pending = 50'000;               ///< beyond that buckets in this process decide
    size_t max_local_buckets = 200'000;
    /// By how much time is ahead of Redis' own, for tests; may be empty.
    std::function<std::chrono::milliseconds()> clock_ahead;
  };

  RedisRateLimiter(net::Loop& loop, RedisClient& client, const Clock& clock, Options options);
  ~RedisRateLimiter() override;

  void TakeAll(std::vector<BucketCharge> charges, Done done) override;
  uint64_t decided_alone() const override;

  /// The loop. Whether Redis can be asked.
  void OnState(bool up);

 private:
  struct Context;

  net::Loop& loop_;
  std::shared_ptr<Context> context_;
};

}  // namespace trackwire::broker
