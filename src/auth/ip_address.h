#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trackwire::auth {

/// An IPv4 or IPv6 address; IPv4 addresses that came as IPv6 (`::ffff:1.2.3.4`) are IPv4.
class IpAddress {
 public:
  /// Without port, brackets or zone; nothing when it is none.
  static std::optional<IpAddress> Parse(std::string_view text);
  /// As proxies write it: also `1.2.3.4:80`, `[::1]` and `[::1]:80`.
  static std::optional<IpAddress> ParseWithPort(std::string_view text);

  bool v4() const { return v4_; }
  bool loopback() const;
  std::string ToString() const;
  /// What one customer of a network has: the address itself, of IPv6 the first 64 bits (`2001:db8::/64`).
  std::string Site() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  friend class IpNetworks;

  std::array<uint8_t, 16> bytes_{};  ///< of IPv4 the first four
  bool v4_ = false;
};

/// A list of networks such as `10.0.0.0/8`, `2001:db8::/32` or single addresses. Immutable; any
/// thread.
class IpNetworks {
 public:
  /// Errors: code `bad_network`, naming the entry.
  static Result<IpNetworks> Parse(const std::vector<std::string>& entries);

  bool Contains(const IpAddress& address) const;
  bool empty() const { return networks_.empty(); }

 private:
  struct Network {
    IpAddress address;
    unsigned bits = 0;
  };
  std::vector<Network> networks_;
};

/// Whether it is text of a loopback address.
bool IsLoopback(std::string_view address);

}  // namespace trackwire::auth
