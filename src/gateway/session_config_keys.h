#pragma once

#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The rows about the life of a session.
std::vector<ConfigKey> SessionKeys();

}  // namespace trackwire::gateway
