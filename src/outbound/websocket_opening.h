#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace trackwire::outbound {

/// Where a WebSocket leads: the URL of its opening (http or https) and what the request says.
struct WebSocketTarget {
  std::string http_url;
  std::string host;    ///< of the Host header, with a port unless it is the usual one
  std::string target;  ///< path and query
};

/// Errors: `bad_url`.
Result<WebSocketTarget> WebSocketTargetOf(const std::string& url);

/// The request that opens it. `key` is what Sec-WebSocket-Key says. Errors: `bad_url` for a header
/// that cannot be sent.
Result<std::string> OpeningRequest(
    const WebSocketTarget& target, const std::string& key, const std::string& user_agent,
    const std::vector<std::pair<std::string, std::string>>& headers);

/// The length of the answer's head when `received` holds all of it and it opens the WebSocket;
/// nothing while more is needed. Errors: `unauthorized`, `bad_status`, `bad_message`, `too_large`.
/// Spec: RFC 6455 section 4.1.
Result<std::optional<size_t>> ReadOpening(std::string_view received, const std::string& key);

}  // namespace trackwire::outbound
