#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "net/connection.h"
#include "net/http/message.h"
#include "net/websocket/stream.h"

namespace trackwire::net {
class Shard;
}

namespace trackwire::net::http {

class ServerConnection;

/// Learns that a request it still owes an answer to is gone.
class ExchangeWatcher {
 public:
  /// The client closed (be it only its sending: an answer nobody watches waits for that one a
  /// while longer) or the connection broke. The exchange is no longer alive. Not called after
  /// an answer was given.
  virtual void OnAborted() = 0;

 protected:
  ~ExchangeWatcher() = default;
};

/// A handle to one request that waits for its answer; cheap to copy, never dangling.
///
/// All calls on the shard that owns the connection, except PostRespond(). Calls on an exchange
/// that is no longer alive do nothing.
class Exchange {
 public:
  Exchange() = default;

  /// Whether the client is still there and no answer was given yet.
  bool alive() const;
  Shard& shard() const { return *shard_; }

  /// Answers. HEAD gets no body. Content-Length and Connection are added.
  void Respond(Response response) const;
  /// The same from any thread.
  void PostRespond(Response response) const;
  /// Closes the connection without an answer.
  void Abort() const;
  /// At most one watcher, forgotten with the answer; it must outlive the exchange or be replaced
  /// with nullptr.
  void Watch(ExchangeWatcher* watcher) const;

  /// Moves the connection with what was read of it to another shard, where the handler's
  /// OnRequest() is called anew for the same request. This handle is dead afterwards. Only from
  /// within OnRequest(), which must then return Body::kNone.
  void HandOver(Shard& target) const;

  struct Given {
    Connection* connection = nullptr;
    std::string unread;  ///< came behind the request
  };
  /// Gives the connection away, unanswered, to `protocol`; reading is on. The exchange is over.
  /// Nothing when it is not alive. The former protocol lives on to the end of the turn.
  std::optional<Given> GiveTo(Connection::Kind kind, std::unique_ptr<Protocol> protocol) const;

  /// Answers 101 and turns the connection into a WebSocket whose messages go to `listener`.
  /// An invalid opening (RFC 6455 section 4.2.1: method, version, key) is answered 400 or 426 and
  /// gives a stream that is not open. `headers` are added to the 101.
  websocket::Stream Upgrade(const Request& request, websocket::Listener* listener,
                            const websocket::StreamOptions& options, Headers headers) const;

 private:
  friend class ServerConnection;
  ServerConnection* Find() const;
  Exchange(Shard* shard, uint32_t slot, uint32_t generation, uint32_t serial)
      : shard_(shard), slot_(slot), generation_(generation), serial_(serial) {}

  Shard* shard_ = nullptr;
  uint32_t slot_ = 0;
  uint32_t generation_ = 0;
  uint32_t serial_ = 0;
};

}  // namespace trackwire::net::http
