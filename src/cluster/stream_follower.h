#pragma once

#include <functional>
#include <string>

#include "broker/redis/redis_client.h"
#include "cluster/redis_bus.h"
#include "net/timer.h"

namespace trackwire::cluster {

/// Reads what `reply` (of XRANGE, or one stream of XREAD) holds; entries of a shape that Redis does
/// not write are left out.
socketio::StreamLog::Entries ReadEntries(const broker::RespValue& reply);

/// Reads a stream over a link of its own, because waiting for entries holds a link up.
class RedisBus::Follower {
 public:
  using Handler = std::function<void(const Entries&)>;

  Follower(net::Loop& loop, const Options& options, std::string stream, Handler handler);
  void Start();

 private:
  void Go();
  void FindEnd();
  void Read();
  void OnRead(const Result<broker::RespValue>& reply);
  void Retry();

  net::Loop& loop_;
  const Options& options_;
  const std::string stream_;
  Handler handler_;
  std::string last_;  // empty: not known yet
  net::Timer retry_;
  broker::RedisClient client_;
};

}  // namespace trackwire::cluster
