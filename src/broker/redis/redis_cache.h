#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "broker/cache.h"
#include "broker/redis/redis_client.h"
#include "net/loop.h"

namespace trackwire::broker {

/// A cache in Redis that keeps its own bound, so that it never pushes out anything else.
///
/// When a value was used is noted to ten seconds. What Redis cannot be told is not said again: a
/// value whose removal was lost lives until its time is over.
/// All it is given outlives it; destroy it on the loop.
class RedisCache final : public Cache {
 public:
  struct Options {
    std::string prefix;                  ///< with a hash tag in a cluster
    size_t max_bytes = 256u << 20;       ///< of keys and values, with what it costs to keep them
    /// By how much time is ahead of Redis' own, for tests; may be empty.
    std::function<std::chrono::milliseconds()> clock_ahead;
  };

  RedisCache(net::Loop& loop, RedisClient& client, Options options);
  ~RedisCache() override;

  void Get(std::string key, std::function<void(std::optional<std::string>)> done) override;
  void Put(std::string key, std::string value, std::chrono::milliseconds ttl) override;
  void Remove(std::string key) override;
  /// The loop. Steps that could not be done.
  uint64_t failures() const;

 private:
  struct Context;

  net::Loop& loop_;
  std::shared_ptr<Context> context_;
};

}  // namespace trackwire::broker
