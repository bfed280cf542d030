#include "gateway/login_config_keys.h"

#include "gateway/config_fields.h"
#include "gateway/token_keys.h"

namespace trackwire::gateway {

std::vector<ConfigKey> LoginKeys() {
  return {
      ChoiceKey("auth.login", &Config::auth_login, {"auto", "on", "off"},
                "whether users of the store can sign in; auto: when tokens are signed with a secret "
                "of ours, not when they come from elsewhere alone"),
      IntegerKey("auth.session_hours", &Config::auth_session_hours, 1, 8'760,
                 "hours after which who signed in must do so again"),
      IntegerKey("auth.argon2_memory_kib", &Config::auth_argon2_memory_kib, 7'168, 262'144,
                 "memory that checking one password takes, in KiB; hashes follow when their users "
                 "sign in"),
      IntegerKey("auth.argon2_passes", &Config::auth_argon2_passes, 1, 16,
                 "passes over that memory"),
  };
}

bool LoginIsOn(const Config& config) {
  return config.auth_login == "auto" ? HasSecret(config) : config.auth_login == "on";
}

std::optional<Error> CheckLoginTogether(const Config& config) {
  if (config.auth_login == "on" && !HasSecret(config)) {
    return Error{"bad_config",
                 "auth.login is on, but there is no secret to sign tokens with: set auth.jwt_secret"};
  }
  return std::nullopt;
}

auth::PasswordCost PasswordCostOf(const Config& config) {
  return {static_cast<uint32_t>(config.auth_argon2_memory_kib),
          static_cast<uint32_t>(config.auth_argon2_passes)};
}

}  // namespace trackwire::gateway
