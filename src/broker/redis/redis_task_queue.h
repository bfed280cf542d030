#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "broker/redis/redis_client.h"
#include "broker/redis/redis_subscriber.h"
#include "broker/task_queue.h"
#include "net/loop.h"

namespace trackwire::broker {

class RedisTaskContext;

/// Task queues in Redis, shared by all processes of a deployment.
///
/// A worker has a lease that its beats renew. Who is not heard for so long, while Redis could hear
/// somebody, loses its tasks; each hand-out has a token, and only that token ends the task.
/// Comes back by itself after lost links; steps of unknown fate are repeated without effect.
/// All it is given outlives it; destroy it on the loop. Workers may outlive it, then do nothing.
class RedisTaskQueue final : public TaskQueue {
 public:
  struct Options {
    std::string prefix;                            ///< with a hash tag in a cluster
    std::chrono::milliseconds unavailable_after{10'000};  ///< Add() waits for Redis so long
    /// By how much time is ahead of Redis' own, for tests; may be empty.
    std::function<std::chrono::milliseconds()> clock_ahead;
  };
  struct Counters {
    uint64_t broken = 0;         ///< tasks without content that were dropped
    uint64_t failed_steps = 0;   ///< scripts that Redis refused
  };

  RedisTaskQueue(net::Loop& loop, RedisClient& client, RedisSubscriber& subscriber,
                 Options options);
  ~RedisTaskQueue() override;

  /// After an Add() that failed with `unavailable` the task may have been added all the same.
  void Add(std::string queue, std::string key, std::string payload, size_t max_waiting,
           std::function<void(Result<Added>)> done) override;
  std::unique_ptr<Worker> Work(std::string queue, WorkOptions options, Handler handler) override;
  void CountWaiting(std::string queue, std::function<void(Result<uint64_t>)> done) override;
  /// The loop. `done` runs once Redis has heard of all that was said, or after a few seconds.
  void Shutdown(std::function<void()> done);
  /// The loop.
  Counters counters() const;

 private:
  net::Loop& loop_;
  std::shared_ptr<RedisTaskContext> context_;
};

}  // namespace trackwire::broker
