#pragma once

#include <string>
#include <string_view>

#include "engineio/forwarder.h"
#include "net/http/message.h"

namespace trackwire::gateway {

/// A client's request as another gateway gets it: as it came, but for what is about the client's
/// connection alone, and with `seal` as its Trackwire-Forwarded.
std::string ForwardedWire(const net::http::Request& request, std::string_view seal,
                          const engineio::Forwarder::Content& content);

}  // namespace trackwire::gateway
