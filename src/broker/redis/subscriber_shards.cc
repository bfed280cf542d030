// Sharded channels in a cluster: each on the node that owns its slot, and after it when it moves.
#include <boost/asio/post.hpp>

#include "broker/redis/subscriber_impl.h"

namespace trackwire::broker {
namespace {

/// A slot on its way has no owner for some moments.
constexpr std::chrono::milliseconds kAskAgain{50};

}  // namespace

RedisNode* RedisSubscriber::Impl::NodeOf(const Key& key) {
  if (!IsShard(key)) return home_.get();
  const RedisAddress* owner = slots_ ? slots_->OwnerOf(RedisSlot(key.second)) : nullptr;
  if (owner == nullptr) {
    AskForSlotsSoon();
    return nullptr;
  }
  std::shared_ptr<RedisNode>& node = shards_[owner->ToString()];
  if (!node) {
    node = MakeNode(InTurn({*owner}), false);
    node->Start();
  }
  return node.get();
}

void RedisSubscriber::Impl::OnTakenAway(RedisNode* node, const Key& key) {
  const auto found = subscriptions_.find(key);
  // What is still owed was asked for after this: it is the answer to an Unsubscribe().
  if (found == subscriptions_.end() || found->second.node != node || owed_.contains({node, key})) {
    return;
  }
  Unplace(found->second);
  last_error_ = "the slot of a sharded channel moves";
  AskForSlotsSoon();
  SetUp(false);
}

void RedisSubscriber::Impl::AskForSlots() {
  if (asking_for_slots_ || !home_->up()) return;
  asking_for_slots_ = home_->link()->Send(
      std::vector<std::string>{"CLUSTER", "SLOTS"}, {},
      [weak = weak_from_this()](const Result<RespValue>& reply) {
        const auto self = weak.lock();
        if (self && self->home_->up()) self->OnSlots(reply);
      });
}

void RedisSubscriber::Impl::AskForSlotsSoon() {
  slots_timer_.expires_after(kAskAgain);
  slots_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self && self->running_) self->AskForSlots();
  });
}

void RedisSubscriber::Impl::OnSlots(const Result<RespValue>& reply) {
  asking_for_slots_ = false;
  if (!reply) return;
  auto slots = RedisSlotMap::Parse(*reply, home_->link()->address().host);
  if (!slots) return AskForSlotsSoon();
  slots_ = std::move(slots);
  *addresses_ = context_->options.target.addresses;
  addresses_->insert(addresses_->end(), slots_->masters().begin(), slots_->masters().end());
  bool moved = false;
  for (auto& [key, subscription] : subscriptions_) {
    if (!IsShard(key) || subscription.node == nullptr || subscription.node == NodeOf(key)) continue;
    if (subscription.node->up()) {
      subscription.node->link()->SendSubscription(
          std::vector<std::string>{"SUNSUBSCRIBE", key.second}, [](const Result<RespValue>&) {});
    }
    moved = moved || subscription.confirmed;
    Unplace(subscription);
  }
  if (moved) SetUp(false);
  PlaceAll();
  DropUnusedNodes();
}

void RedisSubscriber::Impl::DropUnusedNodes() {
  std::set<RedisNode*> used;
  for (const auto& [key, subscription] : subscriptions_) {
    if (IsShard(key)) used.insert(NodeOf(key));
  }
  std::erase_if(owed_, [&](const auto& owed) {
    return owed.first.first != home_.get() && !used.contains(owed.first.first);
  });
  std::erase_if(shards_, [&](const auto& entry) {
    if (used.contains(entry.second.get())) return false;
    entry.second->Stop();
    return true;
  });
}

}  // namespace trackwire::broker
