#include "broker/redis/subscriber_impl.h"

#include <boost/asio/post.hpp>

#include "base/check.h"
#include "base/log.h"
#include "broker/redis/script_runner.h"
#include "broker/redis/sentinel.h"

namespace trackwire::broker {
namespace {

const char* SubscribeCommand(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kPlain: return "SUBSCRIBE";
    case ChannelKind::kPattern: return "PSUBSCRIBE";
    case ChannelKind::kSharded: return "SSUBSCRIBE";
  }
  return "";
}

const char* UnsubscribeCommand(ChannelKind kind) {
  switch (kind) {
    case ChannelKind::kPlain: return "UNSUBSCRIBE";
    case ChannelKind::kPattern: return "PUNSUBSCRIBE";
    case ChannelKind::kSharded: return "SUNSUBSCRIBE";
  }
  return "";
}

}  // namespace

RedisSubscriber::Impl::Impl(net::Loop& loop, RedisLinkOptions options)
    : context_(std::make_shared<RedisLinkContext>(loop.context(), std::move(options))),
      slots_timer_(loop.context()) {
  CHECK(!context_->options.target.addresses.empty());
  addresses_ = std::make_shared<std::vector<RedisAddress>>(context_->options.target.addresses);
  context_->watches_role = !context_->options.target.sentinel_master.empty();
}

std::shared_ptr<RedisNode> RedisSubscriber::Impl::MakeNode(RedisNode::Find find, bool is_home) {
  auto at = std::make_shared<RedisNode*>(nullptr);
  // Locked, for the subscriber may end inside what it calls.
  const auto weak = weak_from_this();
  RedisNode::Events events;
  events.on_up = [weak, at] {
    if (const auto self = weak.lock()) self->OnNodeUp(*at);
  };
  events.on_down = [weak, at](const Error& why) {
    if (const auto self = weak.lock()) self->OnNodeDown(*at, why);
  };
  events.on_failed = [weak, at](const Error& why) {
    if (const auto self = weak.lock()) self->OnNodeFailed(*at, why);
  };
  events.on_push = [weak, at](RespValue push) {
    if (const auto self = weak.lock()) self->OnPush(*at, std::move(push));
  };
  const bool only_master = is_home && context_->watches_role;
  auto node = std::make_shared<RedisNode>(context_, std::move(find),
                                          LoginOf(context_->options.target, true), only_master,
                                          std::move(events));
  *at = node.get();
  return node;
}

void RedisSubscriber::Impl::Start(std::function<void(bool)> on_state) {
  on_state_ = std::move(on_state);
  running_ = true;
  home_ = MakeNode(FinderOf(context_, addresses_), true);
  home_->Start();
}

void RedisSubscriber::Impl::Stop() {
  on_state_ = nullptr;
  running_ = false;
  up_ = false;
  slots_timer_.cancel();
  if (home_) home_->Stop();
  for (const auto& [address, node] : shards_) node->Stop();
  shards_.clear();
  subscriptions_.clear();
}

void RedisSubscriber::Impl::SetUp(bool up) {
  if (up_ == up) return;
  up_ = up;
  // A copy, for Stop() inside it takes the member away.
  if (const auto on_state = on_state_) on_state(up);
}

void RedisSubscriber::Impl::Judge() {
  if (home_->up() && unconfirmed_ == 0) SetUp(true);
}

void RedisSubscriber::Impl::Subscribe(ChannelKind kind, std::string channel, Handler handler,
                                      std::function<void()> done) {
  const Key key{kind, std::move(channel)};
  const auto [found, added] = subscriptions_.try_emplace(key);
  Subscription& subscription = found->second;
  subscription.handler = std::make_shared<Handler>(std::move(handler));
  if (added) ++unconfirmed_;
  if (subscription.confirmed) {
    boost::asio::post(context_->io, [weak = weak_from_this(), done = std::move(done)] {
      if (weak.lock() && done) done();
    });
    return;
  }
  if (done) subscription.done.push_back(std::move(done));
  if (home_) Place(key, subscription);
}

void RedisSubscriber::Impl::Unsubscribe(ChannelKind kind, const std::string& channel) {
  const auto found = subscriptions_.find(Key{kind, channel});
  if (found == subscriptions_.end()) return;
  Subscription gone = std::move(found->second);
  subscriptions_.erase(found);
  if (!gone.confirmed) --unconfirmed_;
  if (gone.node != nullptr && gone.node->up()) {
    gone.node->link()->SendSubscription(std::vector<std::string>{UnsubscribeCommand(kind), channel},
                                        [](const Result<RespValue>&) {});
  }
  if (!home_) return;
  // It may have been the last one that was waited for.
  boost::asio::post(context_->io, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self && self->running_) self->Judge();
  });
}

void RedisSubscriber::Impl::PlaceAll() {
  for (auto& [key, subscription] : subscriptions_) Place(key, subscription);
}

void RedisSubscriber::Impl::Place(const Key& key, Subscription& subscription) {
  if (subscription.node != nullptr) return;
  RedisNode* node = NodeOf(key);
  if (node == nullptr || !node->up()) return;
  const std::vector<std::string> command{SubscribeCommand(key.first), key.second};
  const bool taken = node->link()->SendSubscription(
      command, [weak = weak_from_this(), node, key](const Result<RespValue>& reply) {
        const auto self = weak.lock();
        if (self && reply && reply->is_error()) self->OnRefused(node, key, *reply);
      });
  if (!taken) return node->Drop({"lost", "too many subscriptions wait"});
  subscription.node = node;
  ++owed_[{node, key}];
}

void RedisSubscriber::Impl::Unplace(Subscription& subscription) {
  subscription.node = nullptr;
  if (subscription.confirmed) ++unconfirmed_;
  subscription.confirmed = false;
}

void RedisSubscriber::Impl::OnNodeUp(RedisNode* node) {
  if (node == home_.get()) {
    in_cluster_ = node->link()->is_cluster();
    if (in_cluster_) AskForSlots();
  }
  PlaceAll();
  Judge();
}

void RedisSubscriber::Impl::OnNodeDown(RedisNode* node, const Error& why) {
  last_error_ = why.detail;
  bool heard = node == home_.get();
  for (auto& [key, subscription] : subscriptions_) {
    if (subscription.node != node) continue;
    Unplace(subscription);
    heard = true;
  }
  std::erase_if(owed_, [node](const auto& owed) { return owed.first.first == node; });
  if (node == home_.get()) {
    asking_for_slots_ = false;
  } else {
    AskForSlotsSoon();
  }
  if (heard) SetUp(false);
}

void RedisSubscriber::Impl::OnNodeFailed(RedisNode* node, const Error& why) {
  last_error_ = why.detail;
  if (node != home_.get()) AskForSlotsSoon();
}

void RedisSubscriber::Impl::OnPush(RedisNode* node, RespValue push) {
  if (push.items.size() < 3) return;
  const std::string& what = push.items[0].text;
  if (what == "message") return OnMessage(ChannelKind::kPlain, std::move(push));
  if (what == "smessage") return OnMessage(ChannelKind::kSharded, std::move(push));
  if (what == "pmessage") return OnMessage(ChannelKind::kPattern, std::move(push));
  const std::string& channel = push.items[1].text;
  if (what == "subscribe") return OnConfirmed(node, {ChannelKind::kPlain, channel});
  if (what == "psubscribe") return OnConfirmed(node, {ChannelKind::kPattern, channel});
  if (what == "ssubscribe") return OnConfirmed(node, {ChannelKind::kSharded, channel});
  if (what == "sunsubscribe") OnTakenAway(node, {ChannelKind::kSharded, channel});
}

void RedisSubscriber::Impl::OnMessage(ChannelKind kind, RespValue push) {
  const Key key{kind, std::move(push.items[1].text)};
  const auto found = subscriptions_.find(key);
  if (found == subscriptions_.end()) return;
  // It may unsubscribe itself meanwhile.
  const std::shared_ptr<Handler> handler = found->second.handler;
  if (kind != ChannelKind::kPattern) return (*handler)(key.second, push.items[2].text);
  if (push.items.size() >= 4) (*handler)(push.items[2].text, push.items[3].text);
}

void RedisSubscriber::Impl::OnConfirmed(RedisNode* node, const Key& key) {
  const auto owed = owed_.find({node, key});
  if (owed == owed_.end()) return;
  if (--owed->second > 0) return;
  owed_.erase(owed);
  const auto found = subscriptions_.find(key);
  if (found == subscriptions_.end() || found->second.node != node || found->second.confirmed) {
    return;
  }
  found->second.confirmed = true;
  --unconfirmed_;
  const auto done = std::move(found->second.done);
  found->second.done.clear();
  for (const auto& each : done) each();
  if (running_) Judge();
}

void RedisSubscriber::Impl::OnRefused(RedisNode* node, const Key& key, const RespValue& error) {
  const std::string& why = error.text;
  const auto owed = owed_.find({node, key});
  if (owed != owed_.end() && --owed->second <= 0) owed_.erase(owed);
  const auto found = subscriptions_.find(key);
  if (found == subscriptions_.end() || found->second.node != node) return;
  last_error_ = why;
  if (IsShard(key)) {
    Unplace(found->second);
    return AskForSlotsSoon();
  }
  // A new link asks again, for all that this one has, once the server is itself again.
  if (IsPassing(error)) return node->Drop({"lost", why});
  base::LogWarn("redis", "subscription refused", {{"channel", key.second}, {"reason", why}});
}

}  // namespace trackwire::broker
