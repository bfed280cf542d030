#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http/message.h"

namespace trackwire::gateway {

/// Says of a request that it comes from another gateway, and for whom.
inline constexpr const char* kForwardedHeader = "Trackwire-Forwarded";

/// The client as the gateway that it reached saw it.
struct ForwardedClient {
  std::string address;
  bool secure = false;
};

/// Proves that a gateway wrote kForwardedHeader: a MAC over the request line and the client, with a
/// key that the receiving gateway drew and told the others alone. What somebody overhears proves
/// nothing for another method, target or client. Immutable; any thread.
class ForwardSeal {
 public:
  explicit ForwardSeal(std::string key) : key_(std::move(key)) {}

  /// The value of the header for a request of a client of this gateway.
  std::string Make(const net::http::Request& request) const;
  /// Who a request is for; nothing when it was not sealed with this key.
  std::optional<ForwardedClient> Open(const net::http::Request& request) const;

 private:
  std::string Mac(const net::http::Request& request, std::string_view client) const;

  std::string key_;
};

}  // namespace trackwire::gateway
