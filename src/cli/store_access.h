#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/config.h"
#include "store/store.h"

namespace trackwire::cli {

/// Opens the store of `database.url` from beside a server. One in memory is nobody else's:
/// `bad_url`. A file that is not there is made only when `create` (a typo must not look like an
/// empty store), and then for its user alone. Errors also: `cannot_open` and as store::OpenStore().
Result<std::unique_ptr<store::Store>> OpenExistingStore(const gateway::Config& config, bool create);

/// The exit code for a store that does not open.
int StoreExitCode(const Error& error);

/// A time, or a day of UTC from its first moment: `2026-02-23` or `2026-02-23T12:00:00Z`.
std::optional<WallTime> ParseDay(const std::string& text);

}  // namespace trackwire::cli
