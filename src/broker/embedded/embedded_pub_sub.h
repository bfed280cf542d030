#pragma once

#include <memory>

#include "broker/pub_sub.h"
#include "net/loop.h"

namespace trackwire::broker {

class HandlerTable;

/// Messages within this process, by way of the broker's loop, which outlives it. Belongs to the
/// loop but for Publish().
class EmbeddedPubSub final : public PubSub {
 public:
  explicit EmbeddedPubSub(net::Loop& loop);
  ~EmbeddedPubSub() override;

  void Publish(std::string channel, std::string message) override;
  std::unique_ptr<Subscription> Subscribe(std::string channel, Handler handler) override;

 private:
  net::Loop& loop_;
  std::shared_ptr<HandlerTable> handlers_;
};

}  // namespace trackwire::broker
