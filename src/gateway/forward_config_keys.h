#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The keys that say where other gateways reach this one.
std::vector<ConfigKey> ForwardKeys();

/// Where the requests of other gateways come in.
struct InternalPlace {
  std::string listen_host;
  uint16_t listen_port = 0;  ///< 0: any free one
  std::string told_host;     ///< what the others are told: an address
  uint16_t told_port = 0;    ///< 0: the one that was bound
};

/// None when gateways do not forward: alone on its broker, switched off, or without a known
/// address, which is said in the log. Resolves names, which may take a while. Errors: `bad_config`.
Result<std::optional<InternalPlace>> FindInternalPlace(const Config& config);

}  // namespace trackwire::gateway
