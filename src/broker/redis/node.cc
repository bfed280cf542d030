#include "broker/redis/node.h"

#include <random>

#include "base/log.h"

namespace trackwire::broker {
namespace {

/// From half of `time` to all of it, so that many clients do not come back at once.
std::chrono::milliseconds WithJitter(std::chrono::milliseconds time) {
  thread_local std::minstd_rand random(std::random_device{}());
  std::uniform_int_distribution<int64_t> part(time.count() / 2, time.count());
  return std::chrono::milliseconds(part(random));
}

}  // namespace

RedisNode::Find InTurn(std::vector<RedisAddress> addresses) {
  return [addresses = std::move(addresses), next = std::make_shared<size_t>(0)](
             const RedisNode::Found& found) { found(addresses[(*next)++ % addresses.size()]); };
}

RedisLink::Login LoginOf(const RedisTarget& target, bool subscribes) {
  return {target.user, target.password, target.database, subscribes};
}

RedisNode::RedisNode(std::shared_ptr<RedisLinkContext> context, Find find, RedisLink::Login login,
                     bool only_master, Events events)
    : context_(std::move(context)),
      find_(std::move(find)),
      login_(std::move(login)),
      only_master_(only_master),
      events_(std::move(events)),
      timer_(context_->io),
      backoff_(context_->options.backoff_first) {}

RedisNode::~RedisNode() { Stop(); }

void RedisNode::Start() { Attempt(); }

void RedisNode::Stop() {
  stopped_ = true;
  timer_.cancel();
  if (link_) link_->Close();
  link_ = nullptr;
}

void RedisNode::Drop(Error why) {
  if (link_) link_->Drop(std::move(why));
}

void RedisNode::Attempt() {
  find_([weak = weak_from_this()](const Result<RedisAddress>& found) {
    const auto self = weak.lock();
    if (!self || self->stopped_) return;
    if (!found) {
      if (self->events_.on_failed) self->events_.on_failed(found.error());
      return self->stopped_ ? void() : self->TryLater(found.error());
    }
    self->Dial(*found);
  });
}

void RedisNode::Dial(const RedisAddress& address) {
  RedisLink::Events events;
  events.on_ready = [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->OnReady();
  };
  events.on_end = [weak = weak_from_this()](Error why) {
    if (const auto self = weak.lock()) self->OnEnd(std::move(why));
  };
  events.on_push = [weak = weak_from_this()](RespValue value) {
    const auto self = weak.lock();
    if (self && !self->stopped_ && self->events_.on_push) self->events_.on_push(std::move(value));
  };
  link_ = std::make_shared<RedisLink>(context_, address, login_, std::move(events));
  link_->Start();
}

void RedisNode::OnReady() {
  if (stopped_) return;
  if (only_master_ && !link_->is_master()) return Drop({"lost", "the server is no master"});
  backoff_ = context_->options.backoff_first;
  was_up_ = true;
  if (complained_) {
    complained_ = false;
    base::LogInfo("redis", "connected again", {{"server", link_->address().ToString()}});
  }
  if (events_.on_up) events_.on_up();
}

void RedisNode::OnEnd(Error why) {
  if (stopped_) return;
  const std::string server = link_->address().ToString();
  link_ = nullptr;
  last_error_ = server + ": " + why.detail;
  const bool was_up = was_up_;
  was_up_ = false;
  fresh_ = false;
  const auto self = shared_from_this();
  if (was_up && events_.on_down) events_.on_down(why);
  if (!stopped_ && !was_up && events_.on_failed) events_.on_failed(why);
  if (!stopped_) TryLater({why.code, last_error_});
}

void RedisNode::TryLater(const Error& why) {
  fresh_ = false;
  last_error_ = why.detail;
  if (!complained_) {
    complained_ = true;
    base::LogWarn("redis", "no connection", {{"reason", why.detail}});
  }
  timer_.expires_after(WithJitter(backoff_));
  backoff_ = std::min(2 * backoff_, context_->options.backoff_max);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (!error && self && !self->stopped_) self->Attempt();
  });
}

}  // namespace trackwire::broker
