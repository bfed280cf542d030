#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <set>
#include <string>

#include "broker/redis/node.h"
#include "broker/redis/redis_subscriber.h"
#include "broker/redis/slot_map.h"

namespace trackwire::broker {

/// What RedisSubscriber is behind its header: one link for plain channels and patterns, and in a
/// cluster one to each node that owns the slot of a sharded channel.
struct RedisSubscriber::Impl : std::enable_shared_from_this<RedisSubscriber::Impl> {
 public:
  Impl(net::Loop& loop, RedisLinkOptions options);

  void Start(std::function<void(bool)> on_state);
  void Stop();
  void Subscribe(ChannelKind kind, std::string channel, Handler handler,
                 std::function<void()> done);
  void Unsubscribe(ChannelKind kind, const std::string& channel);

  bool up() const { return up_; }
  std::string last_error() const { return up_ ? std::string() : last_error_; }

 private:
  using Key = std::pair<ChannelKind, std::string>;
  struct Subscription {
    std::shared_ptr<Handler> handler;
    std::vector<std::function<void()>> done;  ///< for its first confirmation
    RedisNode* node = nullptr;  ///< where it was asked for; null: nowhere
    bool confirmed = false;
  };

  std::shared_ptr<RedisNode> MakeNode(RedisNode::Find find, bool is_home);
  void OnNodeUp(RedisNode* node);
  void OnNodeDown(RedisNode* node, const Error& why);
  void OnNodeFailed(RedisNode* node, const Error& why);
  void OnPush(RedisNode* node, RespValue push);
  void OnMessage(ChannelKind kind, RespValue push);
  void OnConfirmed(RedisNode* node, const Key& key);
  void OnRefused(RedisNode* node, const Key& key, const RespValue& error);
  void OnTakenAway(RedisNode* node, const Key& key);

  /// Asks for what has not been asked for yet, where it belongs now.
  void PlaceAll();
  void Place(const Key& key, Subscription& subscription);
  RedisNode* NodeOf(const Key& key);
  /// Forgets where a subscription was; it has to be placed anew.
  void Unplace(Subscription& subscription);
  bool IsShard(const Key& key) const { return in_cluster_ && key.first == ChannelKind::kSharded; }
  void AskForSlots();
  void AskForSlotsSoon();
  void OnSlots(const Result<RespValue>& reply);
  void DropUnusedNodes();
  void SetUp(bool up);
  void Judge();

  const std::shared_ptr<RedisLinkContext> context_;
  std::function<void(bool)> on_state_;
  std::shared_ptr<RedisNode> home_;
  /// Where to find the home node: the addresses of the URL, then what the cluster said.
  std::shared_ptr<std::vector<RedisAddress>> addresses_;
  /// By address.
  std::map<std::string, std::shared_ptr<RedisNode>> shards_;
  std::map<Key, Subscription> subscriptions_;
  size_t unconfirmed_ = 0;
  /// How many confirmations a node owes: one that was asked for before an Unsubscribe() says
  /// nothing about what was asked for after it.
  std::map<std::pair<RedisNode*, Key>, int> owed_;
  std::optional<RedisSlotMap> slots_;
  bool in_cluster_ = false;
  bool asking_for_slots_ = false;
  boost::asio::steady_timer slots_timer_;
  bool running_ = false;  ///< between Start() and Stop()
  bool up_ = false;
  std::string last_error_ = "not connected yet";
};

}  // namespace trackwire::broker
