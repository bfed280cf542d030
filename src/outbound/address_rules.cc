#include "outbound/address_rules.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace trackwire::outbound {
namespace {

using Ipv6Bytes = std::array<uint8_t, 16>;

struct Ipv4Network {
  uint32_t address;
  int bits;
};

constexpr uint32_t Ipv4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return a << 24 | b << 16 | c << 8 | d;
}

constexpr std::array<Ipv4Network, 17> kNotPublic{{
    {Ipv4(0, 0, 0, 0), 8},         // "this network"; the zero address reaches this machine
    {Ipv4(10, 0, 0, 0), 8},        // private
    {Ipv4(100, 64, 0, 0), 10},     // shared by a carrier's customers; a cloud's metadata
    {Ipv4(127, 0, 0, 0), 8},       // this machine
    {Ipv4(168, 63, 129, 16), 32},  // a cloud's platform service, reached from inside it
    {Ipv4(169, 254, 0, 0), 16},    // link-local; the clouds' metadata
    {Ipv4(172, 16, 0, 0), 12},     // private
    {Ipv4(192, 0, 0, 0), 24},      // protocol assignments; a cloud's metadata
    {Ipv4(192, 0, 2, 0), 24},      // documentation
    {Ipv4(192, 88, 99, 0), 24},    // relays of 6to4
    {Ipv4(192, 168, 0, 0), 16},    // private
    {Ipv4(198, 18, 0, 0), 15},     // benchmarks
    {Ipv4(198, 51, 100, 0), 24},   // documentation
    {Ipv4(203, 0, 113, 0), 24},    // documentation
    {Ipv4(224, 0, 0, 0), 4},       // multicast
    {Ipv4(240, 0, 0, 0), 5},       // reserved
    {Ipv4(248, 0, 0, 0), 5},       // reserved, broadcast
}};

struct Ipv6Network {
  Ipv6Bytes address;
  size_t bits;
};

/// Exceptions inside 2000::/3, which alone is given out.
constexpr std::array<Ipv6Network, 3> kNotPublic6{{
    {{0x20, 0x01, 0x00}, 23},              // protocol assignments, tunnels of Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32},        // documentation
    {{0x3f, 0xff}, 20},                    // documentation
}};

constexpr Ipv6Network kMapped{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Ipv6Network kNat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Ipv6Network k6To4{{0x20, 0x02}, 16};
constexpr Ipv6Network kGlobal{{0x20}, 3};

bool Contains(const Ipv6Network& network, const Ipv6Bytes& address) {
  const size_t whole = network.bits / 8;
  if (std::memcmp(network.address.data(), address.data(), whole) != 0) return false;
  const size_t rest = network.bits % 8;
  return rest == 0 || ((network.address[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

bool IsPublic4(uint32_t address) {
  return std::none_of(kNotPublic.begin(), kNotPublic.end(), [&](const Ipv4Network& network) {
    return ((address ^ network.address) >> (32 - network.bits)) == 0;
  });
}

bool IsPublicInside(const Ipv6Bytes& address, size_t at) {
  return IsPublic4(Ipv4(address[at], address[at + 1], address[at + 2], address[at + 3]));
}

bool IsPublic6(const Ipv6Bytes& address) {
  if (Contains(kMapped, address) || Contains(kNat64, address)) return IsPublicInside(address, 12);
  if (Contains(k6To4, address)) return IsPublicInside(address, 2);
  return Contains(kGlobal, address) &&
         std::none_of(kNotPublic6.begin(), kNotPublic6.end(),
                      [&](const Ipv6Network& network) { return Contains(network, address); });
}

}  // namespace

bool IsPublicAddress(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    return IsPublic4(ntohl(in.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return false;
  sockaddr_in6 in{};
  std::memcpy(&in, address, sizeof in);
  Ipv6Bytes bytes{};
  std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
  return IsPublic6(bytes);
}

bool IsPublicAddress(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != std::string::npos) return false;
  in_addr in{};
  if (::inet_pton(AF_INET, copy.c_str(), &in) == 1) return IsPublic4(ntohl(in.s_addr));
  Ipv6Bytes bytes{};
  return ::inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1 && IsPublic6(bytes);
}

}  // namespace trackwire::outbound
