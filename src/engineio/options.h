#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engineio/request_error.h"
#include "net/http/message.h"

namespace trackwire::engineio {

class Forwarder;

/// Which pages of other origins may use the server from a browser.
struct Cors {
  /// `https://map.example.org`, `https://*.example.org` (one label) or `*`. Empty: no CORS
  /// headers at all, and the origin of a WebSocket is not looked at.
  std::vector<std::string> origins;
  /// Whether browsers may send cookies; has no effect together with `*`.
  bool credentials = false;
  /// Says whether an origin is listed, in place of the matching done here; for a server with rules
  /// of its own. Asked only when `origins` has entries and none of them is `*`. Shard threads.
  std::function<bool(std::string_view origin)> lists = nullptr;
  /// What a preflight request is told. An empty `allowed_headers` allows those it asks for.
  std::vector<std::string> methods = {"GET", "HEAD", "PUT", "PATCH", "POST", "DELETE"};
  std::vector<std::string> allowed_headers = {};
  /// How long a browser may remember the answer; nothing: as long as it likes.
  std::optional<std::chrono::seconds> max_age = std::nullopt;
  int preflight_status = 204;  ///< for old browsers that stumble over it: 200
  /// Headers that pages may read, on every answer.
  std::vector<std::string> exposed_headers = {};
};

/// A cookie that carries the session id, for load balancers that route by it. Set on the polling
/// handshake only: a WebSocket does not change its server.
struct SessionCookie {
  enum class SameSite : uint8_t { kLax, kStrict, kNone };

  std::string name;  ///< empty: no cookie
  std::string path = "/";
  std::string domain;  ///< empty: this host only
  bool http_only = true;
  bool secure = false;
  SameSite same_site = SameSite::kLax;
  /// Nothing: until the browser is closed.
  std::optional<std::chrono::seconds> max_age;
};

/// Whether bodies of long-polling are packed for clients that take them so, with gzip or deflate.
struct HttpCompression {
  bool enabled = true;
  size_t threshold = 1'024;  ///< in bytes; shorter ones stay as they are
};

/// How an Engine.IO server behaves. Defaults are those of the npm package.
struct Options {
  /// Where to mount the server, for who does so; without the slash at its end for clients with
  /// `addTrailingSlash: false`. Both may be mounted.
  std::string path = "/engine.io/";
  std::chrono::milliseconds ping_interval = std::chrono::seconds(25);
  std::chrono::milliseconds ping_timeout = std::chrono::seconds(20);
  /// From the opening of the second transport to its `upgrade` packet.
  std::chrono::milliseconds upgrade_timeout = std::chrono::seconds(10);
  /// How long a polling client that was closed may take to come and learn it.
  std::chrono::milliseconds close_timeout = std::chrono::seconds(30);
  /// In bytes: of one message from a client and of one polling body in either direction. Messages
  /// to a client are not limited; one that is longer has a polling body to itself.
  size_t max_payload = 1'000'000;
  /// What a WebSocket message that comes in portions may take, beside a second for each
  /// `min_bytes_per_second` of it; with 0 it may take any time.
  std::chrono::milliseconds message_timeout = std::chrono::seconds(30);
  size_t min_bytes_per_second = 500;
  bool polling = true;
  bool websocket = true;
  bool allow_upgrades = true;
  HttpCompression http_compression;
  Cors cors;
  SessionCookie cookie;
  /// A text message that follows the handshake at once (with polling in the same answer); empty:
  /// none.
  std::string initial_packet;
  /// Over all shards; a handshake beyond is answered 503.
  uint32_t max_sessions = 1'000'000;
  /// Answers any request in place of the server, before that looks at it: a middleware. Shard
  /// threads.
  std::function<std::optional<net::http::Response>(const net::http::Request&)> answer_with;
  /// Refuses a handshake (403 with the returned text), before the origin of a WebSocket is looked
  /// at. Shard threads.
  std::function<std::optional<std::string>(const net::http::Request&)> allow_request;
  /// Refuses a handshake with an answer of its own, before `allow_request` is asked. Shard threads.
  std::function<std::optional<net::http::Response>(const net::http::Request&)> refuse_with;
  /// A client that sends packets faster is cut off: `packets_per_second` (0: any rate) and so many
  /// in a row as fit into `packet_burst`, which fills in four hours at most. Pings and pongs of its
  /// WebSocket are packets too.
  double packets_per_second = 0;
  double packet_burst = 1'000;
  /// Whether that holds for the session that a handshake opens; empty: for all. Shard threads.
  std::function<bool(const net::http::Request&)> meters_packets;
  /// Hears of every request that is refused, with what it is told. Shard threads.
  std::function<void(const net::http::Request&, RequestError, std::string_view message)>
      on_connection_error;
  /// Adds headers to every answer, the 101 too; a handshake is known by its query, in which there
  /// is no `sid`. Shard threads.
  std::function<void(const net::http::Request&, net::http::Headers&)> response_headers;
  /// Number of this server among several behind one balancer, in every session id; 0: it stands
  /// alone. A request whose id names another goes to `forwarder`, which outlives the server's
  /// shards' work; without one its session is unknown.
  uint32_t owner = 0;
  Forwarder* forwarder = nullptr;
};

}  // namespace trackwire::engineio
