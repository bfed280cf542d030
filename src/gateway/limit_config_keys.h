#pragma once

#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The rows of `limits.*` that are about slow and hostile connections.
std::vector<ConfigKey> LimitKeys();

}  // namespace trackwire::gateway
