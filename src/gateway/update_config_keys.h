#pragma once

#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// Requests for an immediate position.
std::vector<ConfigKey> UpdateKeys();

}  // namespace trackwire::gateway
