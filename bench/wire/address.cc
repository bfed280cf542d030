#include "wire/address.h"

#include <arpa/inet.h>

#include <charconv>

namespace trackwire::bench {
namespace {

constexpr std::string_view kScheme = "http://";
constexpr uint32_t kLoopbackNetwork = 127;

}  // namespace

sockaddr_in LoopbackAddress::ToSockaddr() const {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(host);
  return address;
}

std::string LoopbackAddress::ToString() const {
  char text[INET_ADDRSTRLEN] = {};
  const in_addr address{htonl(host)};
  inet_ntop(AF_INET, &address, text, sizeof text);
  return std::string(text) + ":" + std::to_string(port);
}

Result<LoopbackAddress> ParseLoopback(std::string_view text) {
  const std::string whole(text);
  if (text.substr(0, kScheme.size()) == kScheme) text.remove_prefix(kScheme.size());
  if (!text.empty() && text.back() == '/') text.remove_suffix(1);
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return Err("bad_address", "'" + whole + "' names no port; write http://127.0.0.1:8080");
  }
  LoopbackAddress address;
  const std::string_view digits = text.substr(colon + 1);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), address.port);
  if (digits.empty() || read.ec != std::errc{} || read.ptr != digits.data() + digits.size()) {
    return Err("bad_address", "'" + std::string(digits) + "' is not a port");
  }
  const std::string host(text.substr(0, colon));
  if (host == "localhost") return address;
  in_addr parsed{};
  if (inet_pton(AF_INET, host.c_str(), &parsed) != 1) {
    return Err("not_loopback", "'" + host + "' is not an IPv4 loopback address");
  }
  address.host = ntohl(parsed.s_addr);
  if (address.host >> 24 != kLoopbackNetwork) {
    return Err("not_loopback", host + " is not this machine: only 127.0.0.0/8 is allowed");
  }
  return address;
}

}  // namespace trackwire::bench
