#include "gateway/rate_config_keys.h"

#include <string>
#include <utility>

#include "auth/client_address.h"
#include "auth/rate_limits.h"
#include "gateway/config_fields.h"

namespace trackwire::gateway {
namespace {

using auth::LimitKind;
using auth::LimitRules;
using auth::LimitScope;

constexpr double kMostPerSecond = 100'000;
constexpr double kMostBurst = 10'000'000;

std::optional<std::string> CheckProxies(const std::vector<std::string>& networks) {
  auto proxies = auth::TrustedProxies::Parse(networks);
  if (proxies) return std::nullopt;
  return proxies.error().detail;
}

const char* Describe(LimitKind kind) {
  switch (kind) {
    case LimitKind::kConnection: return "connections";
    case LimitKind::kEvent: return "events sent";
    case LimitKind::kGeocoding: return "geocoding requests";
    case LimitKind::kGraphql: return "GraphQL requests";
    case LimitKind::kLogin: return "attempts to log in";
    case LimitKind::kApi: return "requests of /api/";
  }
  return "";
}

void AddRule(std::vector<ConfigKey>& keys, LimitKind kind, LimitScope scope) {
  const std::string name =
      std::string("rate_limits.") + auth::ToString(kind) + "_" + auth::ToString(scope) + "_";
  const std::string what = std::string(Describe(kind)) + " by one " + auth::ToString(scope);
  keys.push_back(NumberKey(
      name + "per_second",
      [kind, scope](Config& config) -> double& {
        return config.rate_limits.Of(kind, scope).per_second;
      },
      0, kMostPerSecond, what + ", a second, in the long run; 0: no limit"));
  keys.push_back(NumberKey(
      name + "burst",
      [kind, scope](Config& config) -> double& { return config.rate_limits.Of(kind, scope).burst; },
      1, kMostBurst, what + ", at once"));
}

}  // namespace

std::vector<ConfigKey> RateKeys() {
  std::vector<ConfigKey> keys{
      ListKey("http.trusted_proxies", &Config::http_trusted_proxies,
              "addresses and networks of proxies, as 10.0.0.0/8, whose X-Forwarded-For and "
              "X-Forwarded-Proto are believed",
              CheckProxies)};
  for (const LimitKind kind : {LimitKind::kConnection, LimitKind::kEvent, LimitKind::kGeocoding,
                               LimitKind::kGraphql, LimitKind::kLogin, LimitKind::kApi}) {
    for (const LimitScope scope :
         {LimitScope::kSession, LimitScope::kUser, LimitScope::kAddress}) {
      if (LimitRules::Applies(kind, scope)) AddRule(keys, kind, scope);
    }
  }
  keys.push_back(NumberKey("rate_limits.packets_per_second",
                           &Config::rate_limits_packets_per_second, 0, kMostPerSecond,
                           "packets of any kind of one connection, a second, in the long run, above "
                           "which it is cut off; 0: no limit"));
  keys.push_back(NumberKey("rate_limits.packets_burst", &Config::rate_limits_packets_burst, 1,
                           kMostBurst, "packets of any kind of one connection, at once"));
  keys.push_back(IntegerKey(
      "rate_limits.abuse_refusals",
      [](Config& config) -> int64_t& { return config.rate_limits.abuse_refusals; }, 0, 1'000'000,
      "refused events of one connection within the window after which it is ended; 0: never"));
  keys.push_back(IntegerKey(
      "rate_limits.abuse_window_s",
      [](Config& config) -> int64_t& { return config.rate_limits.abuse_window_s; }, 1, 86'400,
      "seconds of that window"));
  keys.push_back(BoolKey("rate_limits.loopback",
                         [](Config& config) -> bool& { return config.rate_limits.loopback; },
                         "whether connections, events and requests from loopback addresses are "
                         "limited too; attempts to log in always are"));
  return keys;
}

}  // namespace trackwire::gateway
