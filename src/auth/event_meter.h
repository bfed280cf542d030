#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "auth/rate_limits.h"
#include "base/clock.h"

namespace trackwire::auth {

/// The events of a user or an address on this gateway, counted in groups: each group is one charge
/// of the shared bucket, asked for as its first event passes. What it refuses keeps all back until
/// it would allow it. So no event waits for another process, and a limit is overrun by what comes
/// during a round trip at most, up to a group on each gateway. Groups begin with one event and
/// grow: who connects ever anew pays for each event, but not for many that never come.
class SharedMeter : public std::enable_shared_from_this<SharedMeter> {
 public:
  SharedMeter(broker::RateLimiter& limiter, const Clock& clock, std::string key,
              broker::BucketRule rule);

  /// Any thread. How long to wait; zero: go on, and it was counted.
  std::chrono::milliseconds Take(Steady::time_point now);

 private:
  std::chrono::milliseconds WaitAt(Steady::time_point now) const;
  /// Whether a group that was begun covers one more.
  bool UseGroup();
  void BeginGroup();

  broker::RateLimiter& limiter_;
  const Clock& clock_;
  const std::string key_;
  const broker::BucketRule rule_;
  const uint32_t largest_group_;
  std::atomic<uint32_t> next_group_{1};
  std::atomic<uint32_t> left_{0};  ///< events that are charged and have not come yet
  std::atomic<int64_t> refused_until_ns_{0};
};

/// The shared meters of this process, each as long as somebody counts with it.
class SharedMeters {
 public:
  SharedMeters(broker::RateLimiter& limiter, const Clock& clock)
      : limiter_(limiter), clock_(clock) {}

  std::shared_ptr<SharedMeter> Find(const std::string& key, broker::BucketRule rule);

 private:
  broker::RateLimiter& limiter_;
  const Clock& clock_;
  // Guards the map: sockets of one user sit on several shards. Once a socket, with its first event.
  std::mutex mutex_;
  std::unordered_map<std::string, std::weak_ptr<SharedMeter>> meters_;
  size_t sweep_at_ = 64;
};

/// Counts the events of one socket, without a lock and without allocating. Belongs to its shard.
class EventMeter {
 public:
  EventMeter(const LimitRules& rules, LimitCounters& counters, std::string user,
             std::shared_ptr<SharedMeter> by_user, std::shared_ptr<SharedMeter> by_address);

  /// Counts one event: whether it may pass.
  broker::Verdict Take(Steady::time_point now);
  /// After a refusal: whether there were so many that the connection is to be ended.
  bool Abusive() const;
  /// Whose events are counted; who signs in as somebody else takes the session's bucket along.
  const std::string& user() const { return user_; }
  void SetUser(std::string user, std::shared_ptr<SharedMeter> by_user);

 private:
  broker::Verdict Refuse(Steady::time_point now, std::chrono::milliseconds wait);

  const LimitRules& rules_;
  LimitCounters& counters_;
  std::string user_;
  std::shared_ptr<SharedMeter> by_user_;
  std::shared_ptr<SharedMeter> by_address_;
  double full_at_us_ = 0;
  Steady::time_point refusals_since_{};
  int64_t refusals_ = 0;
};

}  // namespace trackwire::auth
