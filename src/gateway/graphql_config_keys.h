#pragma once

#include <vector>

#include "gateway/config_keys.h"
#include "graphql/validation.h"

namespace trackwire::gateway {

/// The rows of `graphql.*`.
std::vector<ConfigKey> GraphqlKeys();

graphql::Limits GraphqlLimitsOf(const Config& config);

}  // namespace trackwire::gateway
