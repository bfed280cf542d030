#include "broker/redis/redis_subscriber.h"

#include "broker/redis/subscriber_impl.h"

namespace trackwire::broker {

RedisSubscriber::RedisSubscriber(net::Loop& loop, RedisLinkOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

RedisSubscriber::~RedisSubscriber() { impl_->Stop(); }

void RedisSubscriber::Start(std::function<void(bool)> on_state) {
  impl_->Start(std::move(on_state));
}

void RedisSubscriber::Subscribe(ChannelKind kind, std::string channel, Handler handler,
                                std::function<void()> done) {
  impl_->Subscribe(kind, std::move(channel), std::move(handler), std::move(done));
}

void RedisSubscriber::Unsubscribe(ChannelKind kind, const std::string& channel) {
  impl_->Unsubscribe(kind, channel);
}

bool RedisSubscriber::up() const { return impl_->up(); }
std::string RedisSubscriber::last_error() const { return impl_->last_error(); }

}  // namespace trackwire::broker
