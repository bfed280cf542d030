#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/redis/redis_url.h"
#include "broker/redis/resp.h"
#include "net/loop.h"

namespace trackwire::broker {

/// How links to Redis behave. The same for commands and subscriptions.
struct RedisLinkOptions {
  RedisTarget target;
  std::string name = "trackwire";  ///< CLIENT SETNAME
  std::chrono::milliseconds connect_timeout{3'000};
  /// Without an answer to a command for so long the link is given up as half-open. A blocking
  /// command's own time comes on top.
  std::chrono::milliseconds reply_timeout{10'000};
  /// A link on which nothing came for so long is asked with PING; TCP keepalive is on too.
  std::chrono::milliseconds ping_every{5'000};
  std::chrono::milliseconds backoff_first{50};  ///< doubled each time, with jitter, up to …
  std::chrono::milliseconds backoff_max{2'000};
};

enum class RedisMode : uint8_t { kUnknown, kStandalone, kCluster };

struct RedisClientCounters {
  uint64_t commands = 0;
  uint64_t connects = 0;    ///< links that came up, the first ones too
  uint64_t lost = 0;        ///< links that broke
  uint64_t redirects = 0;   ///< MOVED and ASK that were followed
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
};

/// Sends commands to one Redis: a single server, the master that Sentinels name, or a cluster.
///
/// Pipelined: commands to one node leave in the order of Send() and are answered in that order; all
/// those of one turn leave together. Comes back by itself after a lost link, with backoff and
/// jitter, asking the Sentinels or the cluster anew; a master that became a replica is left.
/// MOVED and ASK are followed. Everything on the loop's thread, callbacks too; never from inside
/// Send(). The loop outlives the client.
class RedisClient {
 public:
  /// An error reply is a value of type kError, not an error here. Errors:
  /// `unavailable`: there is no link and the command was not sent;
  /// `lost`: the link broke before the answer, so it may have run;
  /// `timeout`: as `lost`, because no answer came.
  using Done = std::function<void(Result<RespValue>)>;
  struct Call {
    std::vector<std::string> arguments;
    /// Decides the node in a cluster; empty: any master.
    std::string key;
    /// How long the command itself may block (XREAD BLOCK).
    std::chrono::milliseconds blocks_for{0};
  };

  RedisClient(net::Loop& loop, RedisLinkOptions options);
  /// Pending callbacks are dropped unrun.
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  /// Begins to connect. `on_state` hears when commands can be sent and when they cannot, each once
  /// per change; before it hears of a loss, all pending calls have been answered with `lost`.
  void Start(std::function<void(bool up)> on_state = {});
  void Send(Call call, Done done);
  /// Short form: the key is arguments[1].
  void Send(std::vector<std::string> arguments, Done done);
  /// A command on every master: PUBSUB NUMSUB, SCRIPT FLUSH. Answers in no order; fails when one does.
  void SendToAll(std::vector<std::string> arguments,
                 std::function<void(Result<std::vector<RespValue>>)> done);
  /// Runs a script by its digest, by its text when the server does not know it yet.
  void Eval(const std::string& script, const std::vector<std::string>& keys,
            const std::vector<std::string>& arguments, Done done);

  bool up() const;
  RedisMode mode() const;  ///< kUnknown until the first link is up
  std::string last_error() const;  ///< why it is down, for people
  const RedisClientCounters& counters() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace trackwire::broker
