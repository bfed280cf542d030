#pragma once

#include <chrono>
#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The rows about the life of a session.
std::vector<ConfigKey> SessionKeys();

/// How long a revocation is kept whose tokens' end is not known: no token of our own login may
/// outlive it, whatever the key says.
std::chrono::seconds RevocationKeep(const Config& config);

}  // namespace trackwire::gateway
