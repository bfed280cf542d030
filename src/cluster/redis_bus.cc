#include "cluster/redis_bus.h"

#include <utility>

#include "base/check.h"
#include "cluster/stream_follower.h"

namespace trackwire::cluster {
namespace {

using broker::RespValue;

broker::ChannelKind KindOf(socketio::Bus::Kind kind) {
  switch (kind) {
    case socketio::Bus::Kind::kPattern:
      return broker::ChannelKind::kPattern;
    case socketio::Bus::Kind::kSharded:
      return broker::ChannelKind::kSharded;
    case socketio::Bus::Kind::kPlain:
      break;
  }
  return broker::ChannelKind::kPlain;
}

/// An error reply as an error.
Result<RespValue> Checked(Result<RespValue> reply) {
  if (reply && reply->is_error()) return Err("redis", reply->text);
  return reply;
}

}  // namespace

RedisBus::RedisBus(net::Loop& loop, Options options)
    : loop_(loop),
      options_(std::move(options)),
      client_(loop, options_.link),
      subscriber_(loop, options_.link) {}

RedisBus::~RedisBus() = default;

void RedisBus::Start(std::function<void(bool up)> on_state) {
  started_ = true;
  on_state_ = std::move(on_state);
  client_.Start([this](bool up) {
    can_speak_ = up;
    TellState();
  });
  subscriber_.Start([this](bool up) {
    can_hear_ = up;
    TellState();
  });
  for (const auto& follower : followers_) follower->Start();
}

void RedisBus::TellState() {
  const bool up = can_speak_ && can_hear_;
  if (up == told_) return;
  told_ = up;
  if (on_state_) on_state_(up);
}

void RedisBus::Publish(Kind kind, const std::string& channel, std::string message) {
  CHECK(kind != Kind::kPattern);
  const size_t size = channel.size() + message.size();
  if (unanswered_bytes_ > 0 && unanswered_bytes_ + size > options_.max_unanswered_bytes) {
    ++counters_.refused;
    return;
  }
  unanswered_bytes_ += size;
  ++counters_.published;
  client_.Send({kind == Kind::kSharded ? "SPUBLISH" : "PUBLISH", channel, std::move(message)},
               [this, size](const Result<RespValue>& reply) {
                 unanswered_bytes_ -= size;
                 if (!reply || reply->is_error()) ++counters_.lost;
               });
}

void RedisBus::Subscribe(Kind kind, const std::string& channel, Handler handler,
                         std::function<void()> done) {
  subscriber_.Subscribe(KindOf(kind), channel, std::move(handler), std::move(done));
}

void RedisBus::Unsubscribe(Kind kind, const std::string& channel) {
  subscriber_.Unsubscribe(KindOf(kind), channel);
}

void RedisBus::CountSubscribers(Kind kind, const std::string& channel,
                                std::function<void(Result<uint64_t>)> done) {
  CHECK(kind != Kind::kPattern);
  client_.SendToAll(
      {"PUBSUB", kind == Kind::kSharded ? "SHARDNUMSUB" : "NUMSUB", channel},
      [channel, done = std::move(done)](const Result<std::vector<RespValue>>& replies) {
        if (!replies) return done(Err(replies.error()));
        uint64_t sum = 0;
        for (const RespValue& reply : *replies) {
          if (reply.is_error()) return done(Err("redis", reply.text));
          const RespValue* count = reply.Find(channel);
          if (count != nullptr && count->is_integer()) sum += static_cast<uint64_t>(count->integer);
        }
        done(sum);
      });
}

void RedisBus::Append(const std::string& stream,
                      std::vector<std::pair<std::string, std::string>> fields, size_t max_length,
                      std::function<void(Result<std::string>)> done) {
  std::vector<std::string> call = {"XADD", stream, "MAXLEN", "~", std::to_string(max_length), "*"};
  for (auto& [name, value] : fields) {
    call.push_back(std::move(name));
    call.push_back(std::move(value));
  }
  client_.Send(std::move(call), [done = std::move(done)](Result<RespValue> reply) {
    auto id = Checked(std::move(reply));
    if (!id) return done(Err(id.error()));
    done(id->text);
  });
}

void RedisBus::Follow(const std::string& stream, std::function<void(const Entries&)> handler) {
  followers_.push_back(std::make_unique<Follower>(loop_, options_, stream, std::move(handler)));
  if (started_) followers_.back()->Start();
}

void RedisBus::Range(const std::string& stream, const std::string& first, const std::string& last,
                     size_t max, std::function<void(Result<Entries>)> done) {
  client_.Send({"XRANGE", stream, first, last, "COUNT", std::to_string(max)},
               [done = std::move(done)](Result<RespValue> reply) {
                 const auto entries = Checked(std::move(reply));
                 if (!entries) return done(Err(entries.error()));
                 done(ReadEntries(*entries));
               });
}

void RedisBus::Put(const std::string& key, std::string value, std::chrono::milliseconds ttl,
                   std::function<void(Result<void>)> done) {
  client_.Send({"SET", key, std::move(value), "PX", std::to_string(ttl.count())},
               [done = std::move(done)](Result<RespValue> reply) {
                 const auto set = Checked(std::move(reply));
                 if (!set) return done(Err(set.error()));
                 done(Ok());
               });
}

void RedisBus::Take(const std::string& key,
                    std::function<void(Result<std::optional<std::string>>)> done) {
  client_.Send({"GETDEL", key}, [done = std::move(done)](Result<RespValue> reply) {
    auto value = Checked(std::move(reply));
    if (!value) return done(Err(value.error()));
    if (value->is_nil()) return done(std::optional<std::string>());
    done(std::optional<std::string>(std::move(value->text)));
  });
}

}  // namespace trackwire::cluster
