#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "broker/pub_sub.h"
#include "broker/redis/redis_client.h"
#include "broker/redis/redis_subscriber.h"
#include "net/loop.h"

namespace trackwire::broker {

class HandlerTable;

/// Messages by PUBLISH. All it is given outlives it; destroy it on the loop.
class RedisPubSub final : public PubSub {
 public:
  RedisPubSub(net::Loop& loop, RedisClient& client, RedisSubscriber& subscriber,
              std::string prefix);
  ~RedisPubSub() override;

  void Publish(std::string channel, std::string message) override;
  std::unique_ptr<Subscription> Subscribe(std::string channel, Handler handler) override;
  /// Any thread. Messages for which there was no way, or no certainty that they went.
  uint64_t dropped() const;

 private:
  struct Outgoing;

  net::Loop& loop_;
  std::string prefix_;
  std::shared_ptr<Outgoing> outgoing_;
  std::shared_ptr<HandlerTable> handlers_;
};

}  // namespace trackwire::broker
