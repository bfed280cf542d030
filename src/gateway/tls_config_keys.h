#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The rows of `tls.*`.
std::vector<ConfigKey> TlsKeys();

/// Whether they fit together. Reads no file.
std::optional<Error> CheckTlsTogether(const Config& config);

}  // namespace trackwire::gateway
