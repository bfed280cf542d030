#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "broker/redis/redis_client.h"

namespace trackwire::broker {

enum class ChannelKind : uint8_t { kPlain, kPattern, kSharded };

/// Hears channels over a link of its own, and subscribes again after a lost one.
///
/// What is published while the link is away is not heard: that is what Redis offers. In a cluster
/// plain and pattern channels are heard on one node (the bus of the cluster brings them), sharded
/// ones on the node that owns the slot. Half-open links are noticed by PING. All on the loop's
/// thread, handlers in the order of the messages.
class RedisSubscriber {
 public:
  /// `channel` is the one published to, also for patterns. Borrowed during the call.
  using Handler = std::function<void(std::string_view channel, std::string_view message)>;

  RedisSubscriber(net::Loop& loop, RedisLinkOptions options);
  ~RedisSubscriber();
  RedisSubscriber(const RedisSubscriber&) = delete;
  RedisSubscriber& operator=(const RedisSubscriber&) = delete;

  /// `on_state(true)` after every subscription has been confirmed on a new link, `false` when it
  /// broke; each once per change.
  void Start(std::function<void(bool up)> on_state = {});
  /// One handler for a channel and kind; a later one replaces it. `done` (may be empty) runs when
  /// the server has confirmed it for the first time. Before or after Start().
  void Subscribe(ChannelKind kind, std::string channel, Handler handler,
                 std::function<void()> done = {});
  void Unsubscribe(ChannelKind kind, const std::string& channel);

  bool up() const;
  std::string last_error() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace trackwire::broker
