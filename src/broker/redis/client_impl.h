#pragma once

#include <string>
#include <unordered_map>

#include "broker/redis/cluster.h"
#include "broker/redis/node.h"
#include "broker/redis/request.h"

namespace trackwire::broker {

/// What RedisClient is behind its header: one node, and a cluster when the node says so.
struct RedisClient::Impl : std::enable_shared_from_this<RedisClient::Impl> {
 public:
  Impl(net::Loop& loop, RedisLinkOptions options);

  void Start(std::function<void(bool)> on_state);
  void Stop();
  void Send(RedisRequestPtr request);
  void SendToAll(std::vector<std::string> arguments,
                 std::function<void(Result<std::vector<RespValue>>)> done);
  RedisScriptPtr Script(const std::string& text);

  bool up() const { return up_; }
  RedisMode mode() const { return mode_; }
  std::string last_error() const { return up_ ? std::string() : last_error_; }
  const RedisClientCounters& counters() const { return context_->counters; }

 private:
  void OnHomeUp();
  void OnHomeDown(const Error& why);
  void StartCluster();
  void SetUp(bool up);
  void SendHome(const RedisRequestPtr& request);
  void OnHomeReply(const RedisRequestPtr& request, Result<RespValue> reply);
  void FailLater(RedisRequestPtr request, Error why);

  const std::shared_ptr<RedisLinkContext> context_;
  std::function<void(bool)> on_state_;
  std::shared_ptr<RedisNode> home_;
  /// Where to find the home node: the addresses of the URL, then what the cluster said.
  std::shared_ptr<std::vector<RedisAddress>> addresses_;
  std::shared_ptr<RedisClusterRoutes> cluster_;
  std::unordered_map<std::string, RedisScriptPtr> scripts_;
  RedisMode mode_ = RedisMode::kUnknown;
  bool up_ = false;
  std::string last_error_ = "not connected yet";
};

}  // namespace trackwire::broker
