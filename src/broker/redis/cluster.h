#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "broker/redis/node.h"
#include "broker/redis/request.h"
#include "broker/redis/slot_map.h"

namespace trackwire::broker {

/// Sends each command to the master of a cluster that holds its key, over a link to every master.
///
/// Follows MOVED and ASK, tries again a bounded number of times while slots are on their way, and
/// asks for the map of slots anew when it was wrong or a master is lost. On the loop's thread.
class RedisClusterRoutes : public std::enable_shared_from_this<RedisClusterRoutes> {
 public:
  struct Hooks {
    std::function<RedisLink*()> any_link;  ///< to ask for the map; null when there is none
    std::function<void(const std::vector<RedisAddress>&)> on_masters;
    std::function<void(bool up, const Error& why)> on_state;
    std::function<void(RedisRequestPtr, Error)> fail_later;
  };
  using AllDone = std::function<void(Result<std::vector<RespValue>>)>;

  RedisClusterRoutes(std::shared_ptr<RedisLinkContext> context, Hooks hooks);

  void Refresh();
  void Stop();
  void Send(const RedisRequestPtr& request);
  void SendToAll(const std::vector<std::string>& arguments, AllDone done);
  /// Every slot's master has a link.
  bool up() const { return up_; }

 private:
  struct Retry {
    Retry(RedisRequestPtr again, boost::asio::io_context& io)
        : request(std::move(again)), timer(io) {}
    RedisRequestPtr request;
    boost::asio::steady_timer timer;
  };

  void RefreshSoon();
  void OnSlots();
  void DropUnusedNodes();
  RedisNode& NodeAt(const RedisAddress& address);
  RedisNode* NodeFor(const RedisRequest& request);
  void SendTo(RedisNode* node, const RedisRequestPtr& request, bool asking);
  void OnReply(const RedisAddress& from, const RedisRequestPtr& request, Result<RespValue> reply);
  bool Follow(const RedisAddress& from, const RedisRequestPtr& request, const std::string& error);
  bool TryLater(const RedisRequestPtr& request, const std::string& error);
  bool IsCovered() const;
  void Judge(const Error& why);
  void GoDown(const Error& why);

  const std::shared_ptr<RedisLinkContext> context_;
  const Hooks hooks_;
  std::optional<RedisSlotMap> slots_;
  std::map<std::string, std::shared_ptr<RedisNode>> nodes_;  ///< by address
  std::set<std::shared_ptr<Retry>> retries_;
  boost::asio::steady_timer refresh_timer_;
  bool refresh_scheduled_ = false;
  bool refreshing_ = false;
  bool up_ = false;
  bool stopped_ = false;
  size_t next_any_ = 0;
};

}  // namespace trackwire::broker
