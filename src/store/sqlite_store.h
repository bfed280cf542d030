#pragma once

#include <memory>
#include <string>

#include "base/sqlite.h"
#include "store/sqlite_registry.h"
#include "store/store.h"

namespace trackwire::store {

/// The store in one SQLite file.
class SqliteStore final : public Store {
 public:
  static Result<std::unique_ptr<Store>> Open(const std::string& path);
  ~SqliteStore() override;

  Result<void> UpsertClients(const std::vector<tracking::Client>& clients) override {
    return registry_.UpsertClients(clients);
  }
  Result<void> CreateClient(const tracking::Client& client) override {
    return registry_.CreateClient(client);
  }
  Result<void> EditClient(const tracking::Client& client) override {
    return registry_.EditClient(client);
  }
  Result<void> RemoveClient(const tracking::Id& id) override { return registry_.RemoveClient(id); }
  Result<void> UpsertTrackers(const std::vector<tracking::Tracker>& trackers) override {
    return registry_.UpsertTrackers(trackers);
  }
  Result<tracking::Tracker> EditTracker(const tracking::Id& id,
                                        const tracking::TrackerEdit& edit) override {
    return registry_.EditTracker(id, edit);
  }
  Result<void> CreateTracker(const tracking::Tracker& tracker) override {
    return registry_.CreateTracker(tracker);
  }
  Result<void> RemoveTracker(const tracking::Id& id) override;
  Result<bool> SweepRemoved(size_t limit) override { return registry_.SweepRemoved(limit); }
  Result<std::vector<tracking::Client>> Clients() override { return registry_.Clients(); }
  Result<std::vector<tracking::TrackerState>> TrackerStates() override {
    return registry_.TrackerStates();
  }
  Result<WriteOutcome> Write(const WriteBatch& batch) override;
  Result<std::vector<OutboxEntry>> Outbox(const std::string& producer) override;
  Result<std::string> Mark(const std::string& name) override;
  Result<void> SetMark(const std::string& name, const std::string& value) override;
  Result<std::string> KeepMark(const std::string& name, const std::string& value) override;
  Result<size_t> Prune(WallTime before, size_t limit) override;

 private:
  struct Statements;

  explicit SqliteStore(std::unique_ptr<base::SqliteDb> db);
  Result<void> Prepare();
  Result<void> ReadOutboxNumber();
  Result<void> WritePosition(const tracking::Position& position, WriteOutcome& outcome);
  Result<void> WriteStatus(const tracking::Id& id, const tracking::Status& status,
                           WriteOutcome& outcome);
  Result<void> WriteContact(const Contact& contact, WriteOutcome& outcome);
  Result<void> WriteOutbox(const WriteBatch& batch, uint64_t& last);

  std::unique_ptr<base::SqliteDb> db_;
  SqliteRegistry registry_;
  std::unique_ptr<Statements> statements_;
  uint64_t outbox_seq_ = 0;
  bool in_memory_ = false;  ///< nobody else can have it open
};

}  // namespace trackwire::store
