#include "net/http/exchange.h"

#include <utility>

#include "net/http/server_connection.h"
#include "net/shard.h"

namespace trackwire::net::http {

ServerConnection* Exchange::Find() const {
  if (shard_ == nullptr) return nullptr;
  ServerConnection* connection = ServerConnection::Find(*shard_, slot_, generation_);
  return connection != nullptr && connection->Awaits(serial_) ? connection : nullptr;
}

bool Exchange::alive() const { return Find() != nullptr; }

void Exchange::Respond(Response response) const {
  if (ServerConnection* connection = Find()) connection->Respond(std::move(response));
}

void Exchange::PostRespond(Response response) const {
  if (shard_ == nullptr) return;
  shard_->Post([exchange = *this, response = std::move(response)]() mutable {
    exchange.Respond(std::move(response));
  });
}

void Exchange::Abort() const {
  if (ServerConnection* connection = Find()) connection->Abort();
}

void Exchange::Watch(ExchangeWatcher* watcher) const {
  if (ServerConnection* connection = Find()) connection->Watch(watcher);
}

void Exchange::HandOver(Shard& target) const {
  if (ServerConnection* connection = Find()) connection->HandOver(target);
}

std::optional<Exchange::Given> Exchange::GiveTo(Connection::Kind kind,
                                                std::unique_ptr<Protocol> protocol) const {
  ServerConnection* connection = Find();
  if (connection == nullptr) return std::nullopt;
  return connection->GiveTo(kind, std::move(protocol));
}

websocket::Stream Exchange::Upgrade(const Request& request, websocket::Listener* listener,
                                    const websocket::StreamOptions& options,
                                    Headers headers) const {
  ServerConnection* connection = Find();
  if (connection == nullptr) return {};
  return connection->Upgrade(request, listener, options, headers);
}

}  // namespace trackwire::net::http
