#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "broker/redis/link.h"

namespace trackwire::broker {

/// Keeps a link to one server, or to whichever server is the right one: dials again with backoff
/// and jitter. Logs an outage once, and its end. On the loop's thread.
class RedisNode : public std::enable_shared_from_this<RedisNode> {
 public:
  using Found = std::function<void(Result<RedisAddress>)>;
  /// Asked before each attempt where the server is.
  using Find = std::function<void(Found)>;
  struct Events {
    std::function<void()> on_up;
    std::function<void(Error)> on_down;    ///< after on_up, once
    std::function<void(Error)> on_failed;  ///< an attempt that came to nothing
    std::function<void(RespValue)> on_push;
  };

  /// `only_master`: a replica is the wrong server.
  RedisNode(std::shared_ptr<RedisLinkContext> context, Find find, RedisLink::Login login,
            bool only_master, Events events);
  ~RedisNode();

  void Start();
  void Stop();  ///< for good; nothing is called any more
  /// Leaves the server and looks for it anew.
  void Drop(Error why);

  /// Never null after Start() has found an address; commands wait on one that is not ready yet.
  RedisLink* link() const { return link_.get(); }
  bool up() const { return link_ && link_->ready(); }
  /// Nothing has gone wrong yet: worth waiting for.
  bool fresh() const { return fresh_; }
  const std::string& last_error() const { return last_error_; }

 private:
  void Attempt();
  void Dial(const RedisAddress& address);
  void OnReady();
  void OnEnd(Error why);
  void TryLater(const Error& why);

  const std::shared_ptr<RedisLinkContext> context_;
  Find find_;
  const RedisLink::Login login_;
  const bool only_master_;
  Events events_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<RedisLink> link_;
  std::chrono::milliseconds backoff_;
  std::string last_error_;
  bool was_up_ = false;
  bool complained_ = false;
  bool fresh_ = true;
  bool stopped_ = false;
};

/// Names the addresses of a list in turn.
RedisNode::Find InTurn(std::vector<RedisAddress> addresses);

/// The credentials of servers; those of Sentinels.
RedisLink::Login LoginOf(const RedisTarget& target, bool subscribes);

}  // namespace trackwire::broker
