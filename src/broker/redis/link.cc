#include "broker/redis/link.h"

#include <boost/asio/post.hpp>
#include <cctype>

namespace trackwire::broker {
namespace {

/// Of commands without an answer yet, on one link.
constexpr size_t kMaxPendingBytes = 64u << 20;
/// How much of a time-out a tick may be late.
constexpr int kTicksPerTimeout = 4;
constexpr std::chrono::milliseconds kShortestTick{5};

}  // namespace

RedisLink::RedisLink(std::shared_ptr<RedisLinkContext> context, RedisAddress address, Login login,
                     Events events)
    : context_(std::move(context)),
      address_(std::move(address)),
      login_(std::move(login)),
      events_(std::move(events)),
      timer_(context_->io) {}

void RedisLink::Start() {
  started_ = heard_ = Steady::now();
  Tick();
  const RedisTarget& target = context_->options.target;
  if (target.tls && !address_.is_unix && !context_->tls) {
    auto tls = MakeTlsContext(target);
    if (!tls) return Drop(tls.error());
    context_->tls = *tls;
  }
  transport_ = std::make_unique<RedisTransport>(
      context_->io, address_.is_unix ? nullptr : context_->tls, target.tls_verify);
  transport_->Connect(address_, [self = shared_from_this()](const std::string& failure) {
    self->OnConnected(failure);
  });
}

void RedisLink::Close() {
  ended_ = true;
  ready_ = false;
  timer_.cancel();
  if (transport_) transport_->Close();
  pending_.clear();
  waiting_replies_.clear();
}

void RedisLink::Drop(Error why) {
  boost::asio::post(context_->io, [self = shared_from_this(), why] { self->End(why); });
}

bool RedisLink::Send(std::span<const std::string> arguments, std::chrono::milliseconds blocks_for,
                     Reply reply) {
  if (ended_ || pending_bytes_ > kMaxPendingBytes) return false;
  if (ready_) {
    Enqueue(arguments, blocks_for, std::move(reply));
    return true;
  }
  const size_t before = waiting_.size();
  AppendCommand(waiting_, arguments);
  const size_t bytes = waiting_.size() - before;
  pending_bytes_ += bytes;
  waiting_replies_.push_back({std::move(reply), {}, blocks_for, bytes, {}});
  return true;
}

void RedisLink::Enqueue(std::span<const std::string> arguments,
                        std::chrono::milliseconds blocks_for, Reply reply) {
  const size_t before = output_.size();
  AppendCommand(output_, arguments);
  const size_t bytes = output_.size() - before;
  pending_bytes_ += bytes;
  pending_.push_back({std::move(reply), Steady::now(), blocks_for, bytes, {}});
  ScheduleFlush();
}

bool RedisLink::SendSubscription(std::span<const std::string> arguments, Reply refused) {
  if (!ready_ || pending_bytes_ > kMaxPendingBytes) return false;
  Enqueue(arguments, {}, std::move(refused));
  std::string kind = arguments[0];
  for (char& c : kind) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  pending_.back().confirmation = kind + '\n' + arguments[1];
  return true;
}

void RedisLink::Abandon(const Error& why) {
  std::vector<Reply> replies, never_sent;
  for (auto* queue : {&pending_, &waiting_replies_}) {
    // Without its own questions a link would not get through the handshake.
    if (queue == &pending_ && !ready_ && !ended_) continue;
    for (Pending& pending : *queue) {
      auto& kind = queue == &pending_ ? replies : never_sent;
      if (pending.reply) kind.push_back(std::move(pending.reply));
      pending.reply = nullptr;
    }
  }
  for (const Reply& reply : replies) reply(Err(why));
  for (const Reply& reply : never_sent) reply(Err("unavailable", why.detail));
}

void RedisLink::ScheduleFlush() {
  if (flush_scheduled_ || !sending_.empty()) return;
  flush_scheduled_ = true;
  boost::asio::post(context_->io, [self = shared_from_this()] {
    self->flush_scheduled_ = false;
    self->Flush();
  });
}

void RedisLink::Flush() {
  if (ended_ || output_.empty() || !sending_.empty()) return;
  sending_.swap(output_);
  context_->counters.bytes_out += sending_.size();
  transport_->Write(boost::asio::buffer(sending_),
                    [self = shared_from_this()](const boost::system::error_code& error, size_t) {
                      self->sending_.clear();
                      if (error) return self->End({"lost", error.message()});
                      self->Flush();
                    });
}

void RedisLink::Read() {
  transport_->ReadSome(boost::asio::buffer(input_),
                       [self = shared_from_this()](const boost::system::error_code& error,
                                                   size_t size) { self->OnRead(error, size); });
}

void RedisLink::OnRead(const boost::system::error_code& error, size_t size) {
  if (ended_) return;
  if (error) {
    const bool closed = error == boost::asio::error::eof;
    return End({"lost", closed ? "the server closed the connection" : error.message()});
  }
  heard_ = Steady::now();
  context_->counters.bytes_in += size;
  // Taken out of the object, so that what a callback does cannot reach it.
  std::vector<RespValue> values = std::move(values_);
  const auto read = reader_.Feed({input_.data(), size}, values);
  for (RespValue& value : values) {
    if (ended_) return;
    Deliver(std::move(value));
  }
  if (ended_) return;
  if (!read) return End({"lost", std::string("not the Redis protocol: ") + ToString(read.error())});
  values.clear();
  values_ = std::move(values);
  Read();
}

bool RedisLink::IsPush(const RespValue& value) const {
  if (value.type == RespValue::Type::kPush) return true;
  // RESP2 tells messages from answers only by what they say.
  return resp2_ && login_.subscribes && value.is_array() && value.items.size() >= 3;
}

void RedisLink::Deliver(RespValue value) {
  if (IsPush(value)) {
    const auto& items = value.items;
    if (!pending_.empty() && !pending_.front().confirmation.empty() && items.size() >= 2 &&
        pending_.front().confirmation == items[0].text + '\n' + items[1].text) {
      pending_bytes_ -= pending_.front().bytes;
      pending_.pop_front();
    }
    if (events_.on_push) events_.on_push(std::move(value));
    return;
  }
  if (pending_.empty()) return End({"lost", "an answer without a question"});
  Pending answered = std::move(pending_.front());
  pending_.pop_front();
  pending_bytes_ -= answered.bytes;
  if (answered.reply) answered.reply(std::move(value));
}

void RedisLink::Tick() {
  if (ended_) return;
  const RedisLinkOptions& options = context_->options;
  const auto now = Steady::now();
  if (!ready_ && now - started_ > options.connect_timeout) {
    return Drop({"timeout", "no connection within " +
                                std::to_string(options.connect_timeout.count()) + " ms"});
  }
  if (ready_ && !pending_.empty()) {
    const Pending& oldest = pending_.front();
    if (now - std::max(oldest.sent, heard_) > options.reply_timeout + oldest.blocks_for) {
      return Drop({"timeout", "no answer within " + std::to_string(options.reply_timeout.count()) +
                                  " ms"});
    }
  }
  if (ready_) AskIfIdle(now);
  const auto shortest = std::min(ready_ ? options.reply_timeout : options.connect_timeout,
                                 options.ping_every);
  timer_.expires_after(std::max(shortest / kTicksPerTimeout, kShortestTick));
  timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
    if (!error) self->Tick();
  });
}

void RedisLink::AskIfIdle(Steady::time_point now) {
  if (!pending_.empty() || now - heard_ < context_->options.ping_every) return;
  const bool role = context_->watches_role && !(resp2_ && login_.subscribes);
  const std::string question = role ? "ROLE" : "PING";
  Enqueue({&question, 1}, {}, [self = shared_from_this(), role](const Result<RespValue>& reply) {
    if (!role || !reply || !reply->is_array() || reply->items.empty()) return;
    if (reply->items[0].text != "master") self->Drop({"lost", "the master became a replica"});
  });
}

void RedisLink::End(Error why) {
  if (ended_) return;
  const auto self = shared_from_this();
  ended_ = true;
  if (ready_) ++context_->counters.lost;
  ready_ = false;
  timer_.cancel();
  if (transport_) transport_->Close();
  if (why.code != "timeout") why.code = "lost";
  Abandon(why);
  pending_.clear();
  waiting_replies_.clear();
  if (events_.on_end) events_.on_end(std::move(why));
}

}  // namespace trackwire::broker
