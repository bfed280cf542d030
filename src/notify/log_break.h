#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "broker/broker.h"
#include "net/loop.h"
#include "net/timer.h"
#include "socketio/namespace.h"

namespace trackwire::notify {

/// Sends clients away when the log has lost its thread: what went on without them cannot be told any
/// more, so each is to come back, learn that it was not recovered, and take a new snapshot.
///
/// Their connections are closed at a pace, without a DISCONNECT packet. Lives on the broker's loop.
class LogBreak {
 public:
  /// `per_second` clients of each shard (0: all at once). Everything outlives it; destroy it after
  /// the shards have stopped, with `loop` stopped too or on it.
  LogBreak(net::Loop& loop, broker::Broker& broker, socketio::Namespace& nsp, uint32_t per_second);
  ~LogBreak();
  LogBreak(const LogBreak&) = delete;
  LogBreak& operator=(const LogBreak&) = delete;

  /// The loop, once. `on_break` runs first at every break.
  void Watch(std::function<void()> on_break);
  /// The loop.
  uint64_t breaks() const { return breaks_; }

 private:
  struct Leaving;

  void OnBreak();
  void Collect();
  void Step();

  net::Loop& loop_;
  broker::Broker& broker_;
  socketio::Namespace& nsp_;
  const uint32_t per_second_;
  std::function<void()> on_break_;
  uint64_t breaks_ = 0;
  std::vector<std::shared_ptr<Leaving>> leaving_;  ///< one a shard
  net::Timer step_;
};

}  // namespace trackwire::notify
