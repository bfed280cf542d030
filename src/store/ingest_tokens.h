#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::store {

/// With which a tracker shows that a position it pushes is its own. The token itself is known to
/// the tracker alone.
struct IngestToken {
  std::string digest;  ///< SHA-256 of the token, lower-case hex
  tracking::Id tracker;
  WallTime created_at{};
};

/// The tokens of trackers that push. Blocking; one thread at a time, never a loop that serves
/// clients. They go with their tracker. Each change raises the revision of trackers. Errors as
/// Store.
class IngestTokenStore {
 public:
  virtual ~IngestTokenStore() = default;
  /// Errors also: `unknown_tracker`, `exists` for the same digest.
  virtual Result<void> Add(const IngestToken& token) = 0;
  /// Removes all of a tracker; returns how many there were.
  virtual Result<size_t> RemoveOf(const tracking::Id& tracker) = 0;
  virtual Result<std::vector<IngestToken>> All() = 0;
};

/// For a `url` as OpenStore() takes it, whose schema is brought up to date first.
Result<std::unique_ptr<IngestTokenStore>> OpenIngestTokens(const std::string& url);

}  // namespace trackwire::store
