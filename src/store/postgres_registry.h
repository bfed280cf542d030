#pragma once

#include <string>
#include <vector>

#include "store/postgres_connection.h"
#include "store/store.h"

namespace trackwire::store {

/// The clients and trackers of a PostgreSQL store: what Store promises of them.
///
/// Rows are locked in one order, so that processes do not wait for each other in a ring: trackers
/// by id, then clients, then the revision.
class PostgresRegistry {
 public:
  /// `db` outlives it.
  explicit PostgresRegistry(PostgresConnection& db) : db_(db) {}

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
  /// Errors: `unknown_client`. One that is there stays until the end of the transaction.
  Result<void> CheckClient(const tracking::Tracker& tracker);
  Result<tracking::Tracker> ReadForEdit(const tracking::Id& id);
  Result<void> Remove(const tracking::Id& id);

  PostgresConnection& db_;
};

}  // namespace trackwire::store
