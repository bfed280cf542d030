#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "engineio/options.h"
#include "engineio/request_error.h"
#include "net/http/message.h"

namespace trackwire::engineio {

/// `Transport unknown` and so on.
const char* Message(RequestError error);
/// The answer to a polling request: 400 (403 when forbidden) with code and message as JSON, or to
/// an attempted WebSocket: the message alone. `text` replaces the standard message.
net::http::Response ErrorResponse(RequestError error, bool websocket, std::string_view text = {});

/// Whether the request wants to become a WebSocket; other protocols to switch to do not count.
bool WantsWebSocket(const net::http::Request& request);

/// What the query of a request asks for. Views borrow from the request.
struct Target {
  bool websocket = false;
  bool version_4 = false;  ///< `EIO=4`
  bool base64 = false;     ///< `b64=1`: the client wants bytes as base64 text
  std::string_view sid;    ///< empty: a handshake
};

/// Looks at transport, Origin and method: everything that needs no session.
Result<Target, RequestError> CheckRequest(const net::http::Request& request,
                                          const Options& options);

}  // namespace trackwire::engineio
