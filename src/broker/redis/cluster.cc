#include "broker/redis/cluster.h"

namespace trackwire::broker {
namespace {

/// Maps are asked for at most so often.
constexpr std::chrono::milliseconds kRefreshAfter{50};

}  // namespace

RedisClusterRoutes::RedisClusterRoutes(std::shared_ptr<RedisLinkContext> context, Hooks hooks)
    : context_(std::move(context)), hooks_(std::move(hooks)), refresh_timer_(context_->io) {}

void RedisClusterRoutes::Stop() {
  stopped_ = true;
  up_ = false;
  refresh_timer_.cancel();
  for (const auto& [name, node] : nodes_) node->Stop();
  for (const auto& retry : retries_) retry->timer.cancel();
  retries_.clear();
}

void RedisClusterRoutes::Refresh() {
  // Once stopped, whoever gave the hooks may be gone.
  RedisLink* link = stopped_ || refreshing_ ? nullptr : hooks_.any_link();
  if (link == nullptr) return;
  const std::string host = link->address().host;
  refreshing_ = link->Send(std::vector<std::string>{"CLUSTER", "SLOTS"}, {},
                           [weak = weak_from_this(), host](const Result<RespValue>& reply) {
                             const auto self = weak.lock();
                             if (!self || self->stopped_) return;
                             self->refreshing_ = false;
                             if (!reply) return;
                             auto slots = RedisSlotMap::Parse(*reply, host);
                             if (!slots) return self->RefreshSoon();
                             self->slots_ = std::move(slots);
                             self->OnSlots();
                           });
}

void RedisClusterRoutes::RefreshSoon() {
  if (refresh_scheduled_ || stopped_) return;
  refresh_scheduled_ = true;
  refresh_timer_.expires_after(kRefreshAfter);
  refresh_timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->refresh_scheduled_ = false;
    self->Refresh();
  });
}

void RedisClusterRoutes::OnSlots() {
  for (const RedisAddress& master : slots_->masters()) NodeAt(master);
  DropUnusedNodes();
  hooks_.on_masters(slots_->masters());
  if (!slots_->complete()) RefreshSoon();
  Judge({"lost", "a slot of the cluster has no master"});
}

void RedisClusterRoutes::DropUnusedNodes() {
  std::erase_if(nodes_, [&](const auto& entry) {
    for (const RedisAddress& master : slots_->masters()) {
      if (entry.first == master.ToString()) return false;
    }
    // What is under way there is still answered.
    const RedisLink* link = entry.second->link();
    if (link != nullptr && link->ready() && link->has_pending()) return false;
    if (link != nullptr && !link->ready()) entry.second->link()->Abandon({"lost", "the node left"});
    entry.second->Stop();
    return true;
  });
}

RedisNode& RedisClusterRoutes::NodeAt(const RedisAddress& address) {
  std::shared_ptr<RedisNode>& node = nodes_[address.ToString()];
  if (node) return *node;
  RedisNode::Events events;
  events.on_up = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->Judge({"lost", "a master has no link"});
  };
  const auto on_lost = [weak = weak_from_this()](const Error& why) {
    const auto self = weak.lock();
    if (!self) return;
    self->RefreshSoon();
    self->Judge(why);
  };
  events.on_down = on_lost;
  events.on_failed = on_lost;
  node = std::make_shared<RedisNode>(context_, InTurn({address}),
                                     LoginOf(context_->options.target, false), false,
                                     std::move(events));
  node->Start();
  return *node;
}

bool RedisClusterRoutes::IsCovered() const {
  if (!slots_ || !slots_->complete()) return false;
  for (const RedisAddress& master : slots_->masters()) {
    const auto node = nodes_.find(master.ToString());
    if (node == nodes_.end()) return false;
    // A node that has just been heard of says nothing against the others.
    if (!node->second->up() && !(up_ && node->second->fresh())) return false;
  }
  return true;
}

void RedisClusterRoutes::Judge(const Error& why) {
  if (stopped_ || IsCovered() == up_) return;
  if (up_) return GoDown(why);
  up_ = true;
  hooks_.on_state(true, {});
}

void RedisClusterRoutes::GoDown(const Error& why) {
  up_ = false;
  const auto self = shared_from_this();
  // Who hears of the loss counts on having heard of every call.
  std::vector<std::shared_ptr<RedisNode>> nodes;
  for (const auto& [name, node] : nodes_) nodes.push_back(node);
  for (const auto& node : nodes) {
    if (node->link() != nullptr) node->link()->Abandon({"lost", why.detail});
  }
  const auto retries = std::move(retries_);
  retries_.clear();
  for (const auto& retry : retries) {
    retry->timer.cancel();
    if (!stopped_) retry->request->Finish(Err("unavailable", why.detail));
  }
  if (!stopped_) hooks_.on_state(false, why);
}

}  // namespace trackwire::broker
