#include "broker/embedded/embedded_pub_sub.h"

#include <utility>

#include "broker/handler_table.h"

namespace trackwire::broker {

EmbeddedPubSub::EmbeddedPubSub(net::Loop& loop)
    : loop_(loop), handlers_(std::make_shared<HandlerTable>()) {}
EmbeddedPubSub::~EmbeddedPubSub() = default;

void EmbeddedPubSub::Publish(std::string channel, std::string message) {
  loop_.Post([table = std::weak_ptr(handlers_), to = std::move(channel), text = std::move(message)] {
    // Held by nobody but its owner, so that a broker that is taken down calls nobody.
    if (auto handlers = table.lock()) handlers->Deliver(to, text);
  });
}

std::unique_ptr<PubSub::Subscription> EmbeddedPubSub::Subscribe(std::string channel,
                                                                Handler handler) {
  return HandlerTable::Add(handlers_, std::move(channel), std::move(handler));
}

}  // namespace trackwire::broker
