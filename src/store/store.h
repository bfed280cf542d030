#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::store {

struct StoredPosition {
  tracking::Position position;
};

/// A tracker with what is known of it now.
struct TrackerState {
  tracking::Tracker tracker;
  tracking::Status status;
  std::optional<tracking::Position> latest;
  WallTime last_seen_at{};
};

/// One batch of writes that belong together.
struct WriteBatch {
  std::vector<tracking::Position> positions;           ///< the same tracker and fix time: ignored
  std::vector<std::pair<tracking::Id, tracking::Status>> statuses;
  bool empty() const { return positions.empty() && statuses.empty(); }
};

/// Clients, trackers, positions and statuses. Blocking; used from one worker thread at a time,
/// never from a loop that serves clients.
class Store {
 public:
  virtual ~Store() = default;
  virtual Result<void> UpsertClients(const std::vector<tracking::Client>& clients) = 0;
  virtual Result<void> UpsertTrackers(const std::vector<tracking::Tracker>& trackers) = 0;
  virtual Result<std::vector<tracking::Client>> Clients() = 0;
  /// All trackers with status and latest position, in one query.
  virtual Result<std::vector<TrackerState>> TrackerStates() = 0;
  virtual Result<void> Write(const WriteBatch& batch) = 0;
  /// History of one tracker in [from, to), oldest first, after the keyset `after_fix_time`.
  virtual Result<std::vector<tracking::Position>> History(const tracking::Id& tracker,
                                                          WallTime from, WallTime to,
                                                          size_t limit) = 0;
  /// Removes positions older than `before`, at most `limit`; returns how many.
  virtual Result<size_t> Prune(WallTime before, size_t limit) = 0;
};

/// Opens `sqlite:///absolute/path`, `sqlite:relative.db` or `sqlite::memory:` and brings its schema
/// up to date.
Result<std::unique_ptr<Store>> OpenStore(const std::string& url);

}  // namespace trackwire::store
