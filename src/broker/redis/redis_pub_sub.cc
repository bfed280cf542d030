#include "broker/redis/redis_pub_sub.h"

#include <utility>

#include "broker/handler_table.h"

namespace trackwire::broker {
namespace {

constexpr size_t kMaxPendingBytes = 64u << 20;
/// What a message costs beside its texts.
constexpr size_t kMessageOverhead = 256;

}  // namespace

struct RedisPubSub::Outgoing {
  explicit Outgoing(RedisClient& the_client) : client(the_client) {}

  RedisClient& client;
  std::atomic<size_t> pending_bytes{0};
  std::atomic<uint64_t> dropped{0};
};

RedisPubSub::RedisPubSub(net::Loop& loop, RedisClient& client, RedisSubscriber& subscriber,
                         std::string prefix)
    : loop_(loop),
      prefix_(std::move(prefix)),
      outgoing_(std::make_shared<Outgoing>(client)),
      handlers_(std::make_shared<HandlerTable>()) {
  const std::weak_ptr<HandlerTable> weak = handlers_;
  *handlers_ = HandlerTable([weak, &subscriber](const std::string& channel, bool wanted) {
    if (!wanted) return subscriber.Unsubscribe(ChannelKind::kPlain, channel);
    subscriber.Subscribe(ChannelKind::kPlain, channel,
                         [weak](std::string_view of, std::string_view message) {
                           if (auto table = weak.lock()) table->Deliver(of, message);
                         });
  });
}
RedisPubSub::~RedisPubSub() = default;

void RedisPubSub::Publish(std::string channel, std::string message) {
  channel.insert(0, prefix_);
  const size_t cost = channel.size() + message.size() + kMessageOverhead;
  if (outgoing_->pending_bytes.fetch_add(cost) + cost > kMaxPendingBytes) {
    outgoing_->pending_bytes -= cost;
    ++outgoing_->dropped;
    return;
  }
  loop_.Post([weak = std::weak_ptr(outgoing_), cost, to = std::move(channel),
              text = std::move(message)]() mutable {
    auto outgoing = weak.lock();
    if (!outgoing) return;
    RedisClient::Call call;
    call.key = to;  // one channel by one node, so that its messages keep their order
    call.arguments = {"PUBLISH", std::move(to), std::move(text)};
    outgoing->client.Send(std::move(call), [weak, cost](const Result<RespValue>& reply) {
      auto self = weak.lock();
      if (!self) return;
      self->pending_bytes -= cost;
      if (!reply || reply->is_error()) ++self->dropped;
    });
  });
}

std::unique_ptr<PubSub::Subscription> RedisPubSub::Subscribe(std::string channel,
                                                             Handler handler) {
  return HandlerTable::Add(handlers_, prefix_ + channel, std::move(handler));
}

uint64_t RedisPubSub::dropped() const { return outgoing_->dropped; }

}  // namespace trackwire::broker
