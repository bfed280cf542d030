#include "auth/ip_address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace trackwire::auth {
namespace {

/// `host:port` and `[host]:port` without the port; what is neither stays as it is.
std::string_view WithoutPort(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return text;
    const std::string_view rest = text.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') return text;
    return text.substr(1, end - 1);
  }
  const size_t colon = text.find(':');
  const bool one_colon = colon != std::string_view::npos && text.rfind(':') == colon;
  return one_colon ? text.substr(0, colon) : text;
}

constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  char copy[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof copy) return std::nullopt;
  std::memcpy(copy, text.data(), text.size());
  copy[text.size()] = '\0';
  if (std::strlen(copy) != text.size()) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET, copy, address.bytes_.data()) == 1) {
    address.v4_ = true;
    return address;
  }
  if (inet_pton(AF_INET6, copy, address.bytes_.data()) != 1) return std::nullopt;
  if (std::equal(kMapped.begin(), kMapped.end(), address.bytes_.begin())) {
    IpAddress inner;
    std::copy_n(address.bytes_.begin() + kMapped.size(), 4, inner.bytes_.begin());
    inner.v4_ = true;
    return inner;
  }
  return address;
}

std::optional<IpAddress> IpAddress::ParseWithPort(std::string_view text) {
  return Parse(WithoutPort(text));
}

bool IpAddress::loopback() const {
  if (v4_) return bytes_[0] == 127;
  return bytes_[15] == 1 && std::all_of(bytes_.begin(), bytes_.end() - 1,
                                        [](uint8_t byte) { return byte == 0; });
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN] = "";
  inet_ntop(v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

std::string IpAddress::Site() const {
  if (v4_) return ToString();
  IpAddress first = *this;
  std::fill(first.bytes_.begin() + 8, first.bytes_.end(), uint8_t{0});
  return first.ToString() + "/64";
}

Result<IpNetworks> IpNetworks::Parse(const std::vector<std::string>& entries) {
  IpNetworks list;
  for (const std::string& entry : entries) {
    const std::string_view text = entry;
    const size_t slash = std::min(text.find('/'), text.size());
    const auto address = IpAddress::Parse(text.substr(0, slash));
    const unsigned most = address && address->v4() ? 32 : 128;
    unsigned bits = most;
    bool good = address.has_value();
    if (slash < text.size()) {
      const char* const end = text.data() + text.size();
      const auto [rest, error] = std::from_chars(text.data() + slash + 1, end, bits);
      good = good && error == std::errc() && rest == end && bits <= most;
    }
    if (!good) {
      return Err("bad_network", "\"" + entry +
                                    "\" is not an address or a network such as 10.0.0.0/8 or "
                                    "2001:db8::/32");
    }
    list.networks_.push_back({*address, bits});
  }
  return list;
}

bool IpNetworks::Contains(const IpAddress& address) const {
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    if (network.address.v4_ != address.v4_) return false;
    const size_t whole = network.bits / 8;
    const auto& bytes = network.address.bytes_;
    if (!std::equal(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    address.bytes_.begin())) {
      return false;
    }
    const unsigned rest = network.bits % 8;
    return rest == 0 || ((bytes[whole] ^ address.bytes_[whole]) >> (8 - rest)) == 0;
  });
}

bool IsLoopback(std::string_view address) {
  const auto parsed = IpAddress::Parse(address);
  return parsed && parsed->loopback();
}

}  // namespace trackwire::auth
