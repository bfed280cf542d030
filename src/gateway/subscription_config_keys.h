#pragma once

#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// What a connection may choose to hear of.
std::vector<ConfigKey> SubscriptionKeys();

}  // namespace trackwire::gateway
