#include "broker/redis/client_impl.h"

#include <openssl/evp.h>

#include <boost/asio/post.hpp>

#include "base/check.h"
#include "broker/redis/sentinel.h"

namespace trackwire::broker {
namespace {

std::string Sha1Hex(const std::string& text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr) == 1);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4];
    hex += "0123456789abcdef"[digest[i] & 15];
  }
  return hex;
}

}  // namespace

RedisClient::Impl::Impl(net::Loop& loop, RedisLinkOptions options)
    : context_(std::make_shared<RedisLinkContext>(loop.context(), std::move(options))) {
  CHECK(!context_->options.target.addresses.empty());
  addresses_ = std::make_shared<std::vector<RedisAddress>>(context_->options.target.addresses);
  context_->watches_role = !context_->options.target.sentinel_master.empty();
}

void RedisClient::Impl::Start(std::function<void(bool)> on_state) {
  on_state_ = std::move(on_state);
  const RedisTarget& target = context_->options.target;
  RedisNode::Events events;
  // Locked, for the client may end inside what it calls.
  events.on_up = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->OnHomeUp();
  };
  events.on_down = [weak = weak_from_this()](const Error& why) {
    if (const auto self = weak.lock()) self->OnHomeDown(why);
  };
  events.on_failed = [weak = weak_from_this()](const Error& why) {
    if (const auto self = weak.lock()) self->last_error_ = why.detail;
  };
  home_ = std::make_shared<RedisNode>(context_, FinderOf(context_, addresses_),
                                      LoginOf(target, false), context_->watches_role,
                                      std::move(events));
  home_->Start();
}

void RedisClient::Impl::Stop() {
  on_state_ = nullptr;
  up_ = false;
  if (home_) home_->Stop();
  if (cluster_) cluster_->Stop();
}

void RedisClient::Impl::SetUp(bool up) {
  if (up_ == up) return;
  up_ = up;
  // A copy, for Stop() inside it takes the member away.
  if (const auto on_state = on_state_) on_state(up);
}

void RedisClient::Impl::OnHomeUp() {
  if (home_->link()->is_cluster()) {
    mode_ = RedisMode::kCluster;
    if (!cluster_) StartCluster();
    return cluster_->Refresh();
  }
  if (cluster_) return home_->Drop({"lost", "the server has left its cluster"});
  mode_ = RedisMode::kStandalone;
  SetUp(true);
}

void RedisClient::Impl::OnHomeDown(const Error& why) {
  last_error_ = why.detail;
  if (!cluster_) SetUp(false);
}

void RedisClient::Impl::StartCluster() {
  RedisClusterRoutes::Hooks hooks;
  hooks.any_link = [this] { return home_->up() ? home_->link() : nullptr; };
  hooks.on_masters = [addresses = addresses_, first = *addresses_](
                         const std::vector<RedisAddress>& masters) {
    *addresses = first;
    addresses->insert(addresses->end(), masters.begin(), masters.end());
  };
  hooks.on_state = [weak = weak_from_this()](bool up, const Error& why) {
    const auto self = weak.lock();
    if (!self) return;
    if (!up) self->last_error_ = why.detail;
    self->SetUp(up);
  };
  hooks.fail_later = [this](RedisRequestPtr request, Error why) {
    FailLater(std::move(request), std::move(why));
  };
  cluster_ = std::make_shared<RedisClusterRoutes>(context_, std::move(hooks));
}

void RedisClient::Impl::FailLater(RedisRequestPtr request, Error why) {
  boost::asio::post(context_->io, [weak = weak_from_this(), request = std::move(request),
                                   why = std::move(why)] {
    if (weak.lock()) request->Finish(Err(why));
  });
}

void RedisClient::Impl::Send(RedisRequestPtr request) {
  CHECK(!request->call.arguments.empty());
  ++context_->counters.commands;
  if (cluster_) return cluster_->Send(request);
  SendHome(request);
}

void RedisClient::Impl::SendHome(const RedisRequestPtr& request) {
  RedisLink* link = up_ && home_->up() ? home_->link() : nullptr;
  const bool taken = link != nullptr && SendOn(*link, *request, [weak = weak_from_this(), request](
                                                                    Result<RespValue> reply) {
    if (const auto self = weak.lock()) self->OnHomeReply(request, std::move(reply));
  });
  if (taken) return;
  FailLater(request, {"unavailable", link ? "too much waits for Redis" : "no connection to Redis"});
}

void RedisClient::Impl::OnHomeReply(const RedisRequestPtr& request, Result<RespValue> reply) {
  RedisLink* link = home_->link();
  if (WantsScript(link, *request, reply)) return SendHome(request);
  const bool demoted = reply && reply->is_error() && reply->text.starts_with("READONLY") &&
                       link != nullptr && link->is_master();
  request->Finish(std::move(reply));
  if (demoted) home_->Drop({"lost", "the master became a replica"});
}

void RedisClient::Impl::SendToAll(std::vector<std::string> arguments,
                                  std::function<void(Result<std::vector<RespValue>>)> done) {
  if (cluster_) return cluster_->SendToAll(arguments, std::move(done));
  auto request = std::make_shared<RedisRequest>();
  request->call.arguments = std::move(arguments);
  request->done = [done = std::move(done)](Result<RespValue> reply) {
    if (!reply) return done(Err(reply.error()));
    std::vector<RespValue> values;
    values.push_back(std::move(*reply));
    done(std::move(values));
  };
  Send(std::move(request));
}

RedisScriptPtr RedisClient::Impl::Script(const std::string& text) {
  RedisScriptPtr& script = scripts_[text];
  if (!script) script = std::make_shared<RedisScript>(RedisScript{text, Sha1Hex(text)});
  return script;
}

}  // namespace trackwire::broker
