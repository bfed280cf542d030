#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "broker/redis/append_pipeline.h"
#include "broker/redis/redis_cache.h"
#include "broker/redis/redis_context.h"
#include "broker/redis/redis_inlet.h"
#include "broker/redis/redis_log.h"
#include "broker/redis/redis_pub_sub.h"
#include "broker/redis/redis_rate_limiter.h"
#include "broker/redis/redis_revocations.h"
#include "broker/redis/redis_sessions.h"
#include "broker/redis/redis_subscriber.h"
#include "broker/redis/redis_task_queue.h"
#include "broker/redis/ticket_book.h"
#include "net/timer.h"

namespace trackwire::broker {

/// What was handed over and is not stored yet. Any thread.
struct AppendGauge {
  std::atomic<size_t> entries{0};
  std::atomic<size_t> bytes{0};
};

/// The parts of the broker on Redis and what holds them together: belongs to the loop.
class RedisCore {
 public:
  RedisCore(RedisBrokerOptions options, net::Loop& loop, const Clock& clock);

  /// Connects; opening() tells how far it is.
  void Start();
  struct Opening {
    bool ready = false;
    std::optional<Error> error;
  };
  Opening opening();

  RedisContext& context() { return context_; }
  RedisLog& log() { return log_; }
  RedisSessions& sessions() { return sessions_; }
  RedisInlet& inlet() { return inlet_; }
  /// Once opening() was ready; these take calls from any thread themselves.
  PubSub& pub_sub() { return *pub_sub_; }
  TaskQueue& tasks() { return *tasks_; }
  Cache& cache() { return *cache_; }
  RevocationList& revocations() { return *revocations_; }
  RateLimiter& rate_limiter() { return *rate_limiter_; }

  /// One call of the outlet, its envelopes marked already.
  void PutOut(std::vector<AppendPipeline::Item> items, NotificationSink::AppendDone done);
  void Refuse(Incoming incoming, std::string reason);
  void Reject(Rejected rejected);
  void ListRejected(size_t max, std::function<void(std::vector<Rejected>)> done);
  BrokerHealth health() const;
  void Shutdown(std::function<void()> done);

 private:
  void OnState(bool up);
  void OnFirstUp();
  void CheckVersion(const std::string& info);
  void Begin();
  void StartParts();
  void Tend();
  void TryToEnd(Steady::time_point now);
  void ReadRejected(size_t max, const std::function<void(std::vector<Rejected>)>& done);

  RedisContext context_;
  TicketBook book_;
  AppendPipeline pipeline_;
  RedisLog log_;
  RedisSessions sessions_;
  RedisInlet inlet_;
  RedisSubscriber messages_;  ///< not the inlet's: its link comes and goes without a tick
  std::unique_ptr<RedisPubSub> pub_sub_;
  std::unique_ptr<RedisTaskQueue> tasks_;
  std::unique_ptr<RedisCache> cache_;
  std::unique_ptr<RedisRevocations> revocations_;
  std::unique_ptr<RedisRateLimiter> rate_limiter_;
  Opening opening_;
  bool begun_ = false;
  bool begin_sent_ = false;
  uint64_t rejected_total_ = 0;
  size_t rejects_waiting_ = 0;
  Steady::time_point down_since_;
  Steady::time_point looked_at_{};
  Steady::time_point swept_at_{};
  std::function<void()> shut_down_;  ///< waits for what is under way
  Steady::time_point shutdown_deadline_;
  net::Timer tend_;
};

/// An error code when the prefix cannot be used.
std::optional<Error> CheckPrefix(const std::string& prefix, RedisMode mode);

}  // namespace trackwire::broker
