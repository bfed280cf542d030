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
  context_->watches_role = !context_->options.target.sentinel_master.empty();
}

void RedisClient::Impl::Start(std::function<void(bool)> on_state) {
  on_state_ = std::move(on_state);
  const RedisTarget& target = context_->options.target;
  RedisNode::Events events;
  events.on_up = [this] { OnHomeUp(); };
  events.on_down = [this](const Error& why) { OnHomeDown(why); };
  events.on_failed = [this](const Error& why) { last_error_ = why.detail; };
  home_ = std::make_shared<RedisNode>(context_, FinderOf(context_), LoginOf(target, false),
                                      context_->watches_role, std::move(events));
  home_->Start();
}

void RedisClient::Impl::Stop() {
  on_state_ = nullptr;
  up_ = false;
  if (home_) home_->Stop();
}

void RedisClient::Impl::SetUp(bool up) {
  if (up_ == up) return;
  up_ = up;
  if (on_state_) on_state_(up);
}

void RedisClient::Impl::OnHomeUp() {
  mode_ = RedisMode::kStandalone;
  SetUp(true);
}

void RedisClient::Impl::OnHomeDown(const Error& why) {
  last_error_ = why.detail;
  SetUp(false);
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
