#pragma once

#include <string>

#include "gateway/config.h"

namespace trackwire::gateway {

/// What this process is called in lists of sessions: `gateway.name`, else the host's name and the
/// process's number.
std::string GatewayName(const Config& config);

}  // namespace trackwire::gateway
