#pragma once

#include <netinet/in.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::bench {

/// An IPv4 loopback address and port, in host byte order.
struct LoopbackAddress {
  uint32_t host = INADDR_LOOPBACK;
  uint16_t port = 0;

  sockaddr_in ToSockaddr() const;
  /// As in `127.0.0.1:8080`.
  std::string ToString() const;
};

/// Reads `http://127.0.0.1:8080`, `127.0.0.1:8080` or `localhost:8080`.
///
/// Everything outside 127.0.0.0/8 is refused (`not_loopback`): these programs put as much load on
/// their target as they can, and never on another machine. Names are not looked up.
Result<LoopbackAddress> ParseLoopback(std::string_view text);

}  // namespace trackwire::bench
