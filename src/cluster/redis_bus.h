#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/redis/redis_client.h"
#include "broker/redis/redis_subscriber.h"
#include "net/loop.h"
#include "socketio/bus.h"

namespace trackwire::cluster {

struct RedisBusCounters {
  uint64_t published = 0;
  uint64_t lost = 0;     ///< published while there was no link, or it broke
  uint64_t refused = 0;  ///< over the limit of what Redis has not taken yet
};

/// Carries what servers of a cluster say over Redis: channels, and streams for those who need them.
///
/// Everything on the loop's thread, construction aside; destroy it there or after the loop has
/// stopped. While the link is away publications are lost and counted, subscriptions come back by
/// themselves and streams go on where they were.
class RedisBus final : public socketio::Bus, public socketio::StreamLog {
 public:
  struct Options {
    broker::RedisLinkOptions link;
    /// Bytes published that Redis has not answered for yet.
    size_t max_unanswered_bytes = 64u << 20;
    std::chrono::milliseconds retry_after{200};  ///< of reading a stream that failed
  };

  RedisBus(net::Loop& loop, Options options);
  ~RedisBus() override;

  /// Connects. `on_state` (may be empty) hears whether both can be done, to speak and to hear.
  void Start(std::function<void(bool up)> on_state = {});
  const RedisBusCounters& counters() const { return counters_; }

  net::Loop& loop() override { return loop_; }
  void Publish(Kind kind, const std::string& channel, std::string message) override;
  void Subscribe(Kind kind, const std::string& channel, Handler handler,
                 std::function<void()> done) override;
  void Unsubscribe(Kind kind, const std::string& channel) override;
  void CountSubscribers(Kind kind, const std::string& channel,
                        std::function<void(Result<uint64_t>)> done) override;

  void Append(const std::string& stream, std::vector<std::pair<std::string, std::string>> fields,
              size_t max_length, std::function<void(Result<std::string>)> done) override;
  void Follow(const std::string& stream, std::function<void(const Entries&)> handler) override;
  void Range(const std::string& stream, const std::string& first, const std::string& last,
             size_t max, std::function<void(Result<Entries>)> done) override;
  void Put(const std::string& key, std::string value, std::chrono::milliseconds ttl,
           std::function<void(Result<void>)> done) override;
  void Take(const std::string& key,
            std::function<void(Result<std::optional<std::string>>)> done) override;

 private:
  class Follower;

  void TellState();

  net::Loop& loop_;
  const Options options_;
  RedisBusCounters counters_;
  size_t unanswered_bytes_ = 0;
  broker::RedisClient client_;
  broker::RedisSubscriber subscriber_;
  std::function<void(bool)> on_state_;
  bool can_speak_ = false;
  bool can_hear_ = false;
  bool told_ = false;
  bool started_ = false;
  std::vector<std::unique_ptr<Follower>> followers_;
};

}  // namespace trackwire::cluster
