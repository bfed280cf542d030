#include "gateway/forward_wire.h"

#include "base/text.h"
#include "engineio/request_check.h"
#include "gateway/forward_seal.h"
#include "net/http/answer_parser.h"
#include "net/http/response_head.h"

namespace trackwire::gateway {
namespace {

/// Expect was met where the body was read.
bool StaysHere(const std::string& name, const net::http::Headers& headers) {
  return net::http::IsHopByHop(name, headers) || base::EqualsIgnoreCase(name, "Content-Length") ||
         base::EqualsIgnoreCase(name, "Expect") || base::EqualsIgnoreCase(name, kForwardedHeader);
}

}  // namespace

std::string ForwardedWire(const net::http::Request& request, std::string_view seal,
                          const engineio::Forwarder::Content& content) {
  std::string wire = request.method + ' ' + request.target + " HTTP/1.1\r\n";
  wire.reserve(1024 + content.bytes.size());
  for (const auto& [name, value] : request.headers.all()) {
    if (!StaysHere(name, request.headers)) net::http::AppendField(wire, name, value);
  }
  net::http::AppendField(wire, kForwardedHeader, seal);
  if (engineio::WantsWebSocket(request)) {
    wire += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  }
  if (request.method == "POST") {
    net::http::AppendField(wire, "Content-Length", std::to_string(content.announced));
  }
  wire += "\r\n";
  return wire + content.bytes;
}

}  // namespace trackwire::gateway
