#include "outbound/websocket_opening.h"

#include <curl/curl.h>

#include <memory>

#include "base/check.h"
#include "base/text.h"
#include "net/http/message.h"
#include "net/websocket/handshake.h"
#include "outbound/headers.h"
#include "outbound/url.h"

namespace trackwire::outbound {
namespace {

constexpr size_t kMaxHeadBytes = 16 * 1'024;

struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string PartOf(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

/// The number in `HTTP/1.1 101 Switching Protocols`.
std::optional<int> StatusOf(std::string_view line) {
  if (!line.starts_with("HTTP/1.1 ") || line.size() < 12) return std::nullopt;
  int status = 0;
  for (const char c : line.substr(9, 3)) {
    if (c < '0' || c > '9') return std::nullopt;
    status = status * 10 + (c - '0');
  }
  return status;
}

}  // namespace

Result<WebSocketTarget> WebSocketTargetOf(const std::string& text) {
  if (auto checked = CheckUrl(text, true); !checked) return Err(checked.error());
  WebSocketTarget target;
  target.http_url = "http" + text.substr(2);
  const std::unique_ptr<CURLU, UrlFree> url(curl_url());
  CHECK(url != nullptr);
  if (curl_url_set(url.get(), CURLUPART_URL, target.http_url.c_str(), 0) != CURLUE_OK) {
    return Err("bad_url", "it is not a URL");
  }
  target.host = PartOf(url.get(), CURLUPART_HOST);
  const std::string port = PartOf(url.get(), CURLUPART_PORT);
  if (!port.empty()) target.host += ":" + port;
  target.target = PartOf(url.get(), CURLUPART_PATH);
  const std::string query = PartOf(url.get(), CURLUPART_QUERY);
  if (!query.empty()) target.target += "?" + query;
  return target;
}

Result<std::string> OpeningRequest(
    const WebSocketTarget& target, const std::string& key, const std::string& user_agent,
    const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string request = "GET " + target.target + " HTTP/1.1\r\nHost: " + target.host +
                        "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: " +
                        key + "\r\nSec-WebSocket-Version: 13\r\nUser-Agent: " + user_agent +
                        "\r\n";
  for (const auto& [name, value] : headers) {
    if (!IsSendableHeader(name, value)) return Err("bad_url", "a header cannot be sent");
    request += name + ": " + value + "\r\n";
  }
  return request + "\r\n";
}

Result<std::optional<size_t>> ReadOpening(std::string_view received, const std::string& key) {
  const size_t end = received.find("\r\n\r\n");
  if (std::min(end, received.size()) > kMaxHeadBytes) {
    return Err("too_large", "the head of the answer is too long");
  }
  const size_t first = received.find("\r\n");
  if (first == std::string_view::npos) return std::optional<size_t>();
  const auto status = StatusOf(received.substr(0, first));
  if (!status) return Err("bad_message", "it does not answer by HTTP/1.1");
  if (*status == 401 || *status == 403) {
    return Err("unauthorized", "it answered " + std::to_string(*status));
  }
  if (*status != 101) return Err("bad_status", "it answered " + std::to_string(*status));
  if (end == std::string_view::npos) return std::optional<size_t>();
  net::http::Headers headers;
  for (size_t at = first + 2; at < end;) {
    const size_t line_end = received.find("\r\n", at);
    const std::string_view line = received.substr(at, line_end - at);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return Err("bad_message", "a line is no header");
    headers.Add(std::string(line.substr(0, colon)), std::string(base::Trim(line.substr(colon + 1))));
    at = line_end + 2;
  }
  const bool opened = headers.HasToken("Upgrade", "websocket") &&
                      headers.HasToken("Connection", "upgrade") &&
                      headers.Find("Sec-WebSocket-Accept") == net::websocket::AcceptValue(key) &&
                      !headers.Find("Sec-WebSocket-Extensions") &&
                      !headers.Find("Sec-WebSocket-Protocol");
  if (!opened) return Err("bad_message", "its answer opens no WebSocket");
  return std::optional<size_t>(end + 4);
}

}  // namespace trackwire::outbound
