#include "gateway/forward_seal.h"

#include <openssl/crypto.h>

#include "base/hmac.h"
#include "base/text.h"

namespace trackwire::gateway {
namespace {

constexpr std::string_view kSecure = "https";
constexpr std::string_view kPlain = "http";

}  // namespace

std::string ForwardSeal::Mac(const net::http::Request& request, std::string_view client) const {
  std::string text(client);
  text.append("\n").append(request.method).append(" ").append(request.target);
  return base::HmacSha256(key_, text);
}

std::string ForwardSeal::Make(const net::http::Request& request) const {
  std::string client = request.remote_address + ' ';
  client.append(request.secure ? kSecure : kPlain);
  return client + ' ' + base::Base64UrlEncode(Mac(request, client));
}

std::optional<ForwardedClient> ForwardSeal::Open(const net::http::Request& request) const {
  if (request.headers.Count(kForwardedHeader) != 1) return std::nullopt;
  const std::string_view value = *request.headers.Find(kForwardedHeader);
  const size_t first = value.find(' ');
  const size_t second = first == std::string_view::npos ? first : value.find(' ', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = value.substr(first + 1, second - first - 1);
  const auto mac = base::Base64UrlDecode(value.substr(second + 1));
  const std::string expected = Mac(request, value.substr(0, second));
  if (!mac || mac->size() != expected.size() ||
      CRYPTO_memcmp(mac->data(), expected.data(), expected.size()) != 0) {
    return std::nullopt;
  }
  return ForwardedClient{std::string(value.substr(0, first)), scheme == kSecure};
}

}  // namespace trackwire::gateway
