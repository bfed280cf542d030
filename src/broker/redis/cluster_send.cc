// How a command finds its way in a cluster: MOVED, ASK and the answers that ask for patience.
#include "broker/redis/cluster.h"

namespace trackwire::broker {
namespace {

/// Of one command; a map that is wrong so often is not going to be right.
constexpr int kMaxAttempts = 16;
constexpr std::chrono::milliseconds kFirstPause{10};
constexpr std::chrono::milliseconds kLongestPause{500};

const Error kNoMaster{"unavailable", "no connection to the master of this key"};

}  // namespace

RedisNode* RedisClusterRoutes::NodeFor(const RedisRequest& request) {
  if (!slots_) return nullptr;
  if (!request.call.key.empty()) {
    const RedisAddress* owner = slots_->OwnerOf(RedisSlot(request.call.key));
    return owner == nullptr ? nullptr : &NodeAt(*owner);
  }
  const auto& masters = slots_->masters();
  for (size_t i = 0; i < masters.size(); ++i) {
    RedisNode& node = NodeAt(masters[next_any_++ % masters.size()]);
    if (node.up()) return &node;
  }
  return nullptr;
}

void RedisClusterRoutes::Send(const RedisRequestPtr& request) {
  SendTo(NodeFor(*request), request, false);
}

void RedisClusterRoutes::SendTo(RedisNode* node, const RedisRequestPtr& request, bool asking) {
  RedisLink* link = node != nullptr && (node->up() || node->fresh()) ? node->link() : nullptr;
  if (link == nullptr) return hooks_.fail_later(request, kNoMaster);
  const std::vector<std::string> ask{"ASKING"};
  if (asking && !link->Send(ask, {}, [](const Result<RespValue>&) {})) {
    return hooks_.fail_later(request, {"unavailable", "too much waits for Redis"});
  }
  const bool taken = SendOn(*link, *request, [weak = weak_from_this(), from = link->address(),
                                              request](Result<RespValue> reply) {
    const auto self = weak.lock();
    if (self && !self->stopped_) self->OnReply(from, request, std::move(reply));
  });
  if (!taken) hooks_.fail_later(request, {"unavailable", "too much waits for Redis"});
}

void RedisClusterRoutes::OnReply(const RedisAddress& from, const RedisRequestPtr& request,
                                 Result<RespValue> reply) {
  if (reply && reply->is_error()) {
    if (Follow(from, request, reply->text) || TryLater(request, reply->text)) return;
    const auto node = nodes_.find(from.ToString());
    if (WantsScript(node == nodes_.end() ? nullptr : node->second->link(), *request, reply)) {
      return Send(request);
    }
  }
  request->Finish(std::move(reply));
}

bool RedisClusterRoutes::Follow(const RedisAddress& from, const RedisRequestPtr& request,
                                const std::string& error) {
  const auto redirect = ParseRedirect(error, from.host);
  if (!redirect || ++request->attempts > kMaxAttempts) return false;
  ++context_->counters.redirects;
  if (!redirect->ask) {
    if (slots_) slots_->Move(redirect->slot, redirect->address);
    RefreshSoon();
  }
  RedisNode& node = NodeAt(redirect->address);
  // One that is down was named by a node that has not noticed: later there will be another.
  if (!node.up() && !node.fresh()) return TryLater(request, "CLUSTERDOWN");
  SendTo(&node, request, redirect->ask);
  return true;
}

bool RedisClusterRoutes::TryLater(const RedisRequestPtr& request, const std::string& error) {
  const bool down = error.starts_with("CLUSTERDOWN");
  if (!down && !error.starts_with("TRYAGAIN")) return false;
  if (++request->attempts > kMaxAttempts) return false;
  if (down) RefreshSoon();
  const auto retry = std::make_shared<Retry>(request, context_->io);
  retries_.insert(retry);
  retry->timer.expires_after(
      std::min(kFirstPause * (1 << std::min(request->attempts, 10)), kLongestPause));
  retry->timer.async_wait(
      [weak = weak_from_this(), retry](const boost::system::error_code& cancelled) {
        const auto self = weak.lock();
        if (cancelled || !self || self->retries_.erase(retry) == 0) return;
        self->Send(retry->request);
      });
  return true;
}

void RedisClusterRoutes::SendToAll(const std::vector<std::string>& arguments, AllDone done) {
  struct Gathered {
    std::vector<RespValue> values;
    size_t left = 0;
    AllDone done;
  };
  auto gathered = std::make_shared<Gathered>();
  gathered->done = std::move(done);
  const auto take = [gathered](Result<RespValue> reply) {
    if (!gathered->done) return;
    if (reply) gathered->values.push_back(std::move(*reply));
    if (reply && --gathered->left > 0) return;
    const auto all_done = std::move(gathered->done);
    gathered->done = nullptr;
    if (!reply) return all_done(Err(reply.error()));
    all_done(std::move(gathered->values));
  };
  const auto masters = slots_ ? slots_->masters() : std::vector<RedisAddress>();
  gathered->left = std::max<size_t>(masters.size(), 1);
  for (size_t i = 0; i < gathered->left; ++i) {
    auto request = std::make_shared<RedisRequest>();
    request->call.arguments = arguments;
    request->done = take;
    SendTo(i < masters.size() ? &NodeAt(masters[i]) : nullptr, request, false);
  }
}

}  // namespace trackwire::broker
