#include "net/websocket/handshake.h"

#include <openssl/evp.h>

#include "base/check.h"
#include "base/text.h"
#include "net/http/response_head.h"

namespace trackwire::net::websocket {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

http::Response Bad(std::string_view why) { return http::Response::Text(400, std::string(why)); }

}  // namespace

std::optional<http::Response> RefuseOpening(const http::Request& request) {
  if (request.method != "GET" || request.version_minor < 1) {
    return Bad("a WebSocket opens with GET and HTTP/1.1");
  }
  if (!request.headers.HasToken("Connection", "upgrade") ||
      !request.headers.HasToken("Upgrade", "websocket")) {
    return Bad("not a WebSocket opening");
  }
  const auto version = request.headers.Find("Sec-WebSocket-Version");
  if (!version || request.headers.Count("Sec-WebSocket-Version") != 1 || *version != "13") {
    auto answer = http::Response::Text(426, "WebSocket version 13 is spoken here");
    answer.headers.Add("Sec-WebSocket-Version", "13");
    return answer;
  }
  const auto key = request.headers.Find("Sec-WebSocket-Key");
  const auto nonce = key ? base::Base64Decode(*key) : std::nullopt;
  if (!nonce || nonce->size() != 16 || request.headers.Count("Sec-WebSocket-Key") != 1) {
    return Bad("Sec-WebSocket-Key is not 16 bytes in base64");
  }
  return std::nullopt;
}

std::string AcceptValue(std::string_view key) {
  std::string input(key);
  input.append(kGuid);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  CHECK(EVP_Digest(input.data(), input.size(), digest, &size, EVP_sha1(), nullptr) == 1);
  return base::Base64Encode(std::string_view(reinterpret_cast<const char*>(digest), size));
}

std::string SwitchingProtocols(const http::Request& request, const http::Headers& headers) {
  std::string head =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\n";
  http::AppendField(head, "Sec-WebSocket-Accept",
                    AcceptValue(request.headers.Find("Sec-WebSocket-Key").value_or("")));
  for (const auto& [name, value] : headers.all()) http::AppendField(head, name, value);
  head.append("\r\n");
  return head;
}

}  // namespace trackwire::net::websocket
