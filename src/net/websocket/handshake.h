#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http/message.h"

namespace trackwire::net::websocket {

/// The answer to an opening that is none: 400, or 426 for a version other than 13. Nothing when
/// the request may become a WebSocket. Spec: RFC 6455 section 4.2.1.
std::optional<http::Response> RefuseOpening(const http::Request& request);

/// The whole head of the 101 answer to a request that RefuseOpening() lets pass.
std::string SwitchingProtocols(const http::Request& request, const http::Headers& headers);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string AcceptValue(std::string_view key);

}  // namespace trackwire::net::websocket
