#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The rows of `redis.*` and of `neighbours.*`.
std::vector<ConfigKey> RedisKeys();
std::vector<ConfigKey> NeighbourKeys();

/// Whether they fit together. Says what is wrong, naming the keys, never a password.
std::optional<Error> CheckRedisTogether(const Config& config);

}  // namespace trackwire::gateway
