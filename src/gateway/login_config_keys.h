#pragma once

#include <optional>
#include <vector>

#include "auth/password.h"
#include "base/result.h"
#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The rows about users of our own and their login.
std::vector<ConfigKey> LoginKeys();

/// Whether they fit together. Says what is wrong, naming the keys.
std::optional<Error> CheckLoginTogether(const Config& config);

/// Whether users of the store can sign in.
bool LoginIsOn(const Config& config);
/// What the passwords of users cost.
auth::PasswordCost PasswordCostOf(const Config& config);

}  // namespace trackwire::gateway
