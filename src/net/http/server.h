#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/address_limit.h"
#include "net/http/exchange.h"
#include "net/http/message.h"
#include "net/shard.h"
#include "net/tls_context.h"

namespace trackwire::net::http {

/// How much of the body a handler wants.
struct Body {
  enum class Want : uint8_t {
    kNone,  ///< answered, upgraded, handed over, or will be answered without reading a body
    kRead,  ///< read up to `limit` bytes, then OnBody()
  };
  Want want = Want::kNone;
  size_t limit = 0;

  static Body None() { return {}; }
  static Body Read(size_t limit) { return {Want::kRead, limit}; }
};

/// Serves requests on the thread of the shard that owns the connection. One object serves all
/// shards, so it keeps per-shard state apart.
class Handler {
 public:
  virtual ~Handler() = default;
  /// The head is complete. `request` lives until the answer.
  virtual Body OnRequest(const Exchange& exchange, const Request& request) = 0;
  /// The body that OnRequest() asked for, whole.
  virtual void OnBody(const Exchange& exchange, const Request& request, std::string body) = 0;
  /// The body is longer than the limit; the rest is not read and the connection ends after the
  /// answer. The default answers 413.
  virtual void OnBodyTooLarge(const Exchange& exchange, const Request& request);
};

/// Chooses a handler by path: exact paths first, then the longest prefix that ends in '/'.
/// Filled before the server starts, constant afterwards.
class Router {
 public:
  using Function =
      std::function<void(const Exchange& exchange, const Request& request, std::string body)>;

  /// The handler must outlive the server. A `path` ending in '/' takes everything below it.
  void Mount(std::string path, Handler* handler);
  /// A plain route: the body is read up to `max_body_bytes`, then `function` runs and answers now
  /// or later. Another method on the same path is answered 405.
  void On(std::string method, std::string path, size_t max_body_bytes, Function function);
  Handler* Find(const Request& request) const;
  /// Every path with its handler; of plain routes once for each method, else `method` is empty.
  using Visit =
      std::function<void(const std::string& path, const std::string& method, const Handler&)>;
  void ForEach(const Visit& visit) const;

  Router();
  ~Router();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct ServerOptions {
  size_t max_head_bytes = 16'384;
  /// From the first byte (of an empty line, even) to the whole head, and from the opening of a
  /// connection to its first byte.
  std::chrono::milliseconds head_timeout = std::chrono::seconds(10);
  /// Without progress of a body or an answer; also for an answer to a client that sends no more.
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);
  /// A body or an answer gets `body_timeout` and a second more for each so many bytes of it that
  /// have gone over: a byte now and then does not hold a connection for ever. 0: any rate will do.
  size_t min_bytes_per_second = 500;
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(75);   ///< between requests
  /// Whether connections between two requests make room for others as those do that never sent one.
  bool evict_idle = true;
  /// Connections that one address may have at a time, WebSockets too; 0: any number. What is
  /// counted is the peer of TCP: say of proxies that they are `exempt` (shard threads).
  uint32_t max_connections_per_address = 0;
  AddressLimit::Exempt exempt = nullptr;
  /// Whether answers that allow it (Response::compress_from) are packed.
  bool compress = true;
  /// Sees each head before its handler does, and may put another `remote_address` and `secure` in
  /// place: those of the client behind a proxy. Must not throw. Shard threads.
  std::function<void(Request&)> resolve_client;
  /// Speaks TLS with everybody when there is one: HTTPS, and WebSockets likewise.
  std::shared_ptr<const TlsContext> tls;
};

/// Listens with one socket a shard (SO_REUSEPORT) and speaks HTTP/1.1 with whoever connects.
///
/// The shards run before Listen() and outlive the server, whose end closes its HTTP connections.
class Server {
 public:
  Server(std::vector<Shard*> shards, const Router* router, ServerOptions options);
  ~Server();

  /// Binds `host:port` (port 0: any free one) on every shard and starts to accept. A port that
  /// another process listens on is an error, although our shards share theirs.
  Result<uint16_t> Listen(const std::string& host, uint16_t port);
  /// Stops accepting; open connections live on. Any thread but a shard's.
  void StopListening();
  /// Closes idle keep-alive connections and, after their answers, the others. WebSockets are their
  /// owners' business. Any thread but a shard's.
  void CloseIdle();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackwire::net::http
