#include "auth/client_address.h"

#include <optional>
#include <string_view>

#include "base/text.h"

namespace trackwire::auth {
namespace {

/// Proxies one behind the other; more are nobody's.
constexpr int kMaxHops = 32;

/// Takes the entries of a list that may be spread over several fields, from the last to the first.
class ListFromTheEnd {
 public:
  ListFromTheEnd(const net::http::Headers& headers, std::string_view name) {
    for (const auto& [field, value] : headers.all()) {
      if (base::EqualsIgnoreCase(field, name)) fields_.emplace_back(value);
    }
  }

  std::optional<std::string_view> Next() {
    if (fields_.empty()) return std::nullopt;
    std::string_view& field = fields_.back();
    const size_t comma = field.rfind(',');
    if (comma == std::string_view::npos) {
      const std::string_view first = base::Trim(field);
      fields_.pop_back();
      return first;
    }
    const std::string_view entry = base::Trim(field.substr(comma + 1));
    field = field.substr(0, comma);
    return entry;
  }

 private:
  std::vector<std::string_view> fields_;
};

}  // namespace

Result<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  auto parsed = IpNetworks::Parse(networks);
  if (!parsed) return Err(std::move(parsed.error()));
  TrustedProxies proxies;
  proxies.networks_ = std::move(*parsed);
  return proxies;
}

bool TrustedProxies::Contains(std::string_view address) const {
  const auto parsed = IpAddress::Parse(address);
  return parsed && networks_.Contains(*parsed);
}

void TrustedProxies::Resolve(net::http::Request& request) const {
  if (networks_.empty()) return;
  auto hop = IpAddress::Parse(request.remote_address);
  if (!hop || !networks_.Contains(*hop)) return;
  const auto scheme = ListFromTheEnd(request.headers, "X-Forwarded-Proto").Next();
  if (scheme) request.secure = base::EqualsIgnoreCase(*scheme, "https");
  ListFromTheEnd hops(request.headers, "X-Forwarded-For");
  for (int i = 0; i < kMaxHops && networks_.Contains(*hop); ++i) {
    const auto entry = hops.Next();
    const auto before = entry ? IpAddress::ParseWithPort(*entry) : std::nullopt;
    if (!before) break;
    hop = before;
  }
  request.remote_address = hop->ToString();
}

}  // namespace trackwire::auth
