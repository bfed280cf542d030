#pragma once

#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// Whose proxies are trusted, and the rate limits.
std::vector<ConfigKey> RateKeys();

}  // namespace trackwire::gateway
