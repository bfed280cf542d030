#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "net/loop.h"

namespace trackwire::outbound {

struct WebSocketRequest {
  std::string url;  ///< ws or wss
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::milliseconds timeout{10'000};  ///< from the call until it stands
  size_t max_message_bytes = 4'000'000;
  /// After so long without a byte the server is pinged; after twice as long the line is given up.
  std::chrono::milliseconds silence{30'000};
  bool allow_private = false;
  std::string user_agent = "trackwire";
  std::string ca_file;  ///< empty: the system's
};

/// A WebSocket to another server, under the rules of HttpClient: addresses are checked when they
/// are connected to, no redirects, no proxies. Text messages; pings are answered, extensions are
/// not offered.
///
/// All of it belongs to the loop's thread. Destroying it closes the line, and nothing is called any
/// more.
/// Spec: RFC 6455.
class WebSocketClient {
 public:
  struct Events {
    std::function<void()> on_open;
    /// Valid during the call; UTF-8.
    std::function<void(std::string_view)> on_message;
    /// The last call. Codes: `bad_url`, `forbidden_address`, `unreachable`, `timeout` (opening, or
    /// silence), `unauthorized` (401, 403), `bad_status` (other answers than 101), `bad_message`,
    /// `too_large`, `closed` (by the server). No detail holds a query or header of the request.
    std::function<void(Error)> on_end;
  };

  virtual ~WebSocketClient() = default;
  /// Queues a text message, once the line stands; before that, or when more than the limit of a
  /// message waits already, it is not sent and false.
  virtual bool Send(std::string_view text) = 0;
};

/// Nothing is called inside this call, and nothing after the object is destroyed, which any of the
/// calls may do. `loop` outlives it.
std::unique_ptr<WebSocketClient> OpenWebSocket(net::Loop& loop, WebSocketRequest request,
                                               WebSocketClient::Events events);

}  // namespace trackwire::outbound
