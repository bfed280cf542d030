#include "gateway/forward_config_keys.h"

#include <netdb.h>

#include <array>

#include "base/log.h"
#include "gateway/config_fields.h"

namespace trackwire::gateway {
namespace {

constexpr const char* kOff = "off";
constexpr std::string_view kScheme = "http://";

std::optional<HostPort> ParseInternalUrl(std::string_view url) {
  if (!url.starts_with(kScheme)) return std::nullopt;
  url.remove_prefix(kScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  const auto parsed = ParseHostPort(url);
  if (!parsed || parsed->host.empty() || parsed->port == 0) return std::nullopt;
  return parsed;
}

std::optional<std::string> CheckInternalListen(const std::string& text) {
  if (text.empty() || text == kOff || ParseHostPort(text)) return std::nullopt;
  return "must be `host:port`, `off` or empty";
}

std::optional<std::string> CheckInternalUrl(const std::string& text) {
  if (text.empty() || ParseInternalUrl(text)) return std::nullopt;
  return "must be `http://host:port`";
}

/// The first address of a name, as text.
std::optional<std::string> AddressOf(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return std::nullopt;
  std::array<char, NI_MAXHOST> text{};
  const int error = ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(),
                                  nullptr, 0, NI_NUMERICHOST);
  ::freeaddrinfo(found);
  if (error != 0) return std::nullopt;
  return std::string(text.data());
}

/// One that means every address of the machine says nothing of where it is.
bool IsWildcard(const std::string& address) { return address == "0.0.0.0" || address == "::"; }

}  // namespace

std::vector<ConfigKey> ForwardKeys() {
  return {
      TextKey("gateway.internal_listen", &Config::gateway_internal_listen,
              "address and port for the requests of other gateways, in plain HTTP, never to be "
              "reached from outside; empty: a free port on the host of `listen`, unless that is "
              "every address; `off`: gateways do not forward, and a balancer must be sticky",
              CheckInternalListen),
      TextKey("gateway.internal_url", &Config::gateway_internal_url,
              "`http://host:port` at which other gateways reach this one; empty: where it listens",
              CheckInternalUrl),
      IntegerKey("limits.max_forwarded", &Config::limits_max_forwarded, 1, 1'000'000,
                 "requests and WebSockets that one gateway forwards to one other at a time"),
  };
}

Result<std::optional<InternalPlace>> FindInternalPlace(const Config& config) {
  if (!config.shares_redis() || config.gateway_internal_listen == kOff) {
    return std::optional<InternalPlace>();
  }
  const auto url = ParseInternalUrl(config.gateway_internal_url);
  InternalPlace place;
  if (const auto listen = ParseHostPort(config.gateway_internal_listen)) {
    place.listen_host = listen->host;
    place.listen_port = listen->port;
  } else {
    place.listen_host = config.listen_host();
    place.listen_port = url ? url->port : 0;
  }
  const std::string& told = url ? url->host : place.listen_host;
  const auto address = told.empty() ? std::string("::") : AddressOf(told).value_or("");
  if (address.empty()) {
    return Err("bad_config", "no address is known of " + told +
                                 " (gateway.internal_url, gateway.internal_listen, listen)");
  }
  if (IsWildcard(address)) {
    base::LogWarn("gateway",
                  "other gateways do not know where this one is: set gateway.internal_url, or let "
                  "the balancer lead each client to one gateway",
                  {{"listen", config.listen}});
    return std::optional<InternalPlace>();
  }
  place.told_host = address;
  place.told_port = url ? url->port : 0;
  return std::optional<InternalPlace>(std::move(place));
}

}  // namespace trackwire::gateway
