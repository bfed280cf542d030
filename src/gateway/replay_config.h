#pragma once

#include <string>

#include "base/result.h"
#include "fetcher/providers/replay.h"
#include "gateway/config.h"

namespace trackwire::gateway {

/// The columns of a recorded file from `field=Column` texts. Errors: `bad_columns`, naming the
/// text.
Result<fetcher::ReplayMapping> ParseReplayColumns(const std::vector<std::string>& columns);

/// What `replay.*` asks for; only when replay.file is set. Errors: `bad_columns`, `unknown_preset`.
Result<fetcher::ReplayOptions> ReplayOptionsOf(const Config& config);

}  // namespace trackwire::gateway
