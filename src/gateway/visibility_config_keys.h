#pragma once

#include <vector>

#include "gateway/config_keys.h"
#include "notify/audience.h"
#include "notify/view.h"

namespace trackwire::gateway {

/// The rows of `visibility.*`.
std::vector<ConfigKey> VisibilityKeys();

/// Who gets what, as configured.
notify::VisibilityRules VisibilityRulesOf(const Config& config);
/// Which fields who gets: the lists with the defaults that they add to. Loaded configurations only.
notify::Views ViewsOf(const Config& config);

}  // namespace trackwire::gateway
