#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/sqlite.h"
#include "store/store.h"

namespace trackwire::store {

/// The store in one SQLite file.
class SqliteStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> Open(const std::string& path);
  ~SqliteStore() override;

  Result<void> UpsertClients(const std::vector<tracking::Client>& clients) override;
  Result<void> UpsertTrackers(const std::vector<tracking::Tracker>& trackers) override;
  Result<tracking::Tracker> EditTracker(const tracking::Id& id,
                                        const tracking::TrackerEdit& edit) override;
  Result<std::vector<tracking::Client>> Clients() override;
  Result<std::vector<tracking::TrackerState>> TrackerStates() override;
  Result<WriteOutcome> Write(const WriteBatch& batch) override;
  Result<std::vector<OutboxEntry>> Outbox() override;
  Result<std::vector<tracking::Position>> History(const tracking::Id& tracker, WallTime from,
                                                  WallTime to, size_t limit) override;
  Result<size_t> Prune(WallTime before, size_t limit) override;

 private:
  struct Statements;

  explicit SqliteStore(std::unique_ptr<base::SqliteDb> db);
  Result<void> Prepare();
  Result<void> LoadNumbers();
  Result<tracking::Tracker> ReadOne(const tracking::Id& id);
  Result<bool> HasClient(const tracking::Id& id);
  Result<int64_t> UpsertOne(const tracking::Tracker& tracker);
  Result<void> WritePosition(const tracking::Position& position, WriteOutcome& outcome);
  Result<void> WriteStatus(const tracking::Id& id, const tracking::Status& status,
                           WriteOutcome& outcome);
  Result<void> WriteOutbox(const WriteBatch& batch);
  /// The row number of a tracker, or nothing when it is not registered.
  const int64_t* NumberOf(const tracking::Id& id) const;

  std::unique_ptr<base::SqliteDb> db_;
  std::unique_ptr<Statements> statements_;
  std::unordered_map<std::string, int64_t> numbers_;  ///< by the id's JSON
  uint64_t outbox_seq_ = 0;
};

}  // namespace trackwire::store
