#include "gateway/session_config_keys.h"

#include <algorithm>

#include "base/text.h"
#include "gateway/config_fields.h"

namespace trackwire::gateway {
namespace {

std::optional<std::string> CheckName(const std::string& text) {
  constexpr size_t kMaxNameBytes = 128;
  if (text.size() <= kMaxNameBytes && base::IsUtf8(text)) return std::nullopt;
  return "must be at most 128 bytes of UTF-8";
}

}  // namespace

std::vector<ConfigKey> SessionKeys() {
  return {
      IntegerKey("auth.grace_s", &Config::auth_grace_s, 1, 3'600,
                 "seconds that a connection whose token ended stays to show another one, where "
                 "tokens are required"),
      IntegerKey("auth.revocation_days", &Config::auth_revocation_days, 1, 3'650,
                 "days that a revocation is kept when it is not known how long its tokens would "
                 "last: at least as long as the longest-lived token"),
      TextKey("gateway.name", &Config::gateway_name,
              "what this process is called in lists of sessions; empty: the host's name and the "
              "process's number",
              CheckName),
  };
}

std::chrono::seconds RevocationKeep(const Config& config) {
  const std::chrono::seconds ours = std::chrono::hours(config.auth_session_hours) +
                                    2 * std::chrono::seconds(config.auth_leeway_s);
  return std::max<std::chrono::seconds>(std::chrono::hours(24) * config.auth_revocation_days, ours);
}

}  // namespace trackwire::gateway
