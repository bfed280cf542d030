#pragma once

#include <vector>

#include "base/sqlite.h"
#include "store/store.h"

namespace trackwire::store {

/// The clients and trackers of an SQLite store: what Store promises of them.
class SqliteRegistry {
 public:
  /// `db` outlives it.
  explicit SqliteRegistry(base::SqliteDb& db) : db_(db) {}

  Result<void> UpsertClients(const std::vector<tracking::Client>& clients);
  Result<void> CreateClient(const tracking::Client& client);
  Result<void> EditClient(const tracking::Client& client);
  Result<void> RemoveClient(const tracking::Id& id);
  Result<std::vector<tracking::Client>> Clients();

  Result<void> UpsertTrackers(const std::vector<tracking::Tracker>& trackers);
  Result<tracking::Tracker> EditTracker(const tracking::Id& id, const tracking::TrackerEdit& edit);
  Result<void> CreateTracker(const tracking::Tracker& tracker);
  Result<void> RemoveTracker(const tracking::Id& id);
  Result<bool> SweepRemoved(size_t limit);
  Result<std::vector<tracking::TrackerState>> TrackerStates();

 private:
  /// Whether a query with one parameter has a row.
  Result<bool> Exists(const char* query, const tracking::Id& id);
  Result<void> CheckClient(const tracking::Tracker& tracker);
  Result<tracking::Tracker> ReadOne(const tracking::Id& id);
  Result<void> RunFor(int64_t number, const char* sql);

  base::SqliteDb& db_;
};

/// The row number of a tracker by the JSON of its id; nothing when it is not registered. `select`
/// is made of kSelectNumber.
inline constexpr const char* kSelectNumber = "SELECT no FROM trackers WHERE id = ?";
Result<std::optional<int64_t>> NumberOf(base::SqliteStatement& select, const tracking::Id& id);

}  // namespace trackwire::store
