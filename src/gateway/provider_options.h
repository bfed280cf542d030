#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "fetcher/connectors/options.h"
#include "fetcher/providers/replay.h"
#include "fetcher/runner_options.h"
#include "gateway/config.h"

namespace trackwire::gateway {

/// How a source in the network is asked, when and within which limits.
fetcher::RunnerOptions RunnerOptionsOf(const ProviderConfig& provider);

/// How it is spoken with; `token` is what it lets us in by, or empty. Errors: `bad_config`, naming
/// line and key, never a secret.
Result<fetcher::ConnectorOptions> ConnectorOptionsOf(const ProviderConfig& provider,
                                                     const std::string& token, const Clock& clock);

/// What lets us in: as written, or from the environment or a file; empty when it needs nothing.
/// Blocks. Errors: `bad_config`, naming line and key.
Result<std::string> TokenOf(const ProviderConfig& provider);

/// Of a recording. Errors: `bad_config`.
Result<fetcher::ReplayOptions> ReplayOptionsOf(const ProviderConfig& provider);

/// What goes beyond one key. Does no I/O.
std::optional<Error> CheckProviders(const Config& config);

}  // namespace trackwire::gateway
