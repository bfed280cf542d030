#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::store {

/// Numbers that rise whenever something of their part was changed, by whatever process.
struct Revisions {
  uint64_t users = 0;
  uint64_t trackers = 0;  ///< trackers and clients, not their positions and statuses

  friend bool operator==(const Revisions&, const Revisions&) = default;
};

/// The rows of the table `revisions`.
inline constexpr std::string_view kUsersPart = "users";
inline constexpr std::string_view kTrackersPart = "trackers";

/// Tells whether the store has changed, for little: one small read. Blocking; one thread at a time.
///
/// Whoever reads a part after its revision misses no change: one that comes meanwhile raises the
/// number again. Errors as Store.
class RevisionReader {
 public:
  virtual ~RevisionReader() = default;
  virtual Result<Revisions> Read() = 0;
};

/// For a `url` as OpenStore() takes it. One in memory is seen by nobody else and never changes
/// here.
Result<std::unique_ptr<RevisionReader>> OpenRevisions(const std::string& url);

}  // namespace trackwire::store
