#pragma once

#include <vector>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

/// The rows of `ingest.*`.
std::vector<ConfigKey> IngestKeys();

/// What 1 of `ingest.speed_unit` is in metres a second.
double SpeedUnitOf(const Config& config);

}  // namespace trackwire::gateway
