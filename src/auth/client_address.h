#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "auth/ip_address.h"
#include "base/result.h"
#include "net/http/message.h"

namespace trackwire::auth {

/// Finds out where a request comes from that proxies handed on. Immutable; any thread.
///
/// Each proxy adds the address it heard from at the end of `X-Forwarded-For`. What trusted ones wrote
/// is walked from the end: the first address that is none of theirs is the client's. What stands
/// before it, or came from somebody who is not trusted, anybody may have written.
class TrustedProxies {
 public:
  /// Addresses and networks. Errors: code `bad_network`.
  static Result<TrustedProxies> Parse(const std::vector<std::string>& networks);

  bool empty() const { return networks_.empty(); }
  /// Whether this address, as text without port, is one of theirs.
  bool Contains(std::string_view address) const;
  /// Puts the client's address in the place of its proxy's, and whether the client came over TLS:
  /// by the last word of `X-Forwarded-Proto`. A request from elsewhere stays as it is; an entry
  /// that is no address ends the walk at the proxy that wrote it.
  void Resolve(net::http::Request& request) const;

 private:
  IpNetworks networks_;
};

}  // namespace trackwire::auth
