#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/sqlite.h"
#include "broker/broker.h"
#include "broker/embedded/log_id.h"
#include "broker/embedded/revocation_journal.h"
#include "broker/embedded/session_table.h"
#include "broker/embedded/task_journal.h"

namespace trackwire::broker {

/// One Append() on its way through the writer.
struct AppendJob {
  std::vector<AppendRequest> requests;
  NotificationLog::AppendDone done;
  size_t entry_count = 0;
  size_t bytes = 0;
  std::vector<Appended> appended;
  std::vector<LogEntryPtr> entries;  ///< those that are new
};

/// Everything that one transaction makes durable.
struct WriteGroup {
  std::vector<AppendJob> appends;
  std::vector<SessionTable::Change> sessions;
  std::vector<Rejected> rejected;
  std::vector<TaskChange> tasks;
  std::vector<RevocationChange> revocations;
};

/// The broker's tables in SQLite. One thread at a time.
class Journal {
 public:
  static Result<std::unique_ptr<Journal>> Open(const std::string& path, bool sync_full,
                                               std::chrono::seconds expiry, size_t max_rejected);
  ~Journal();

  const std::string& epoch() const { return epoch_; }
  LogId last_id() const { return last_id_; }
  LogId trimmed_through() const { return trimmed_through_; }
  uint64_t entry_count() const { return entry_count_; }
  uint64_t byte_count() const { return byte_count_; }
  /// At the start. No record that is left lives longer than `grace` from now, also in the file: its
  /// owner has died, and a further restart must not prolong it.
  Result<std::vector<SessionTable::Row>> Sessions(WallTime now, std::chrono::milliseconds grace);
  Result<std::vector<Rejected>> AllRejected();
  Result<std::vector<TaskRow>> AllTasks() { return tasks_->All(); }
  Result<std::vector<Revocation>> AllRevocations(WallTime now) { return revocations_->All(now); }

  /// All of it or nothing; fills in what the appends came to.
  Result<void> Write(WriteGroup& group, WallTime now);
  /// Removes at most `limit` expired entries and as many keys; true when there may be more. The
  /// newest entry stays, so that offsets keep rising after a restart.
  Result<bool> Expire(WallTime now, size_t limit);
  /// Whether the file takes a write now.
  Result<void> Probe();
  base::SqliteDb& db() { return *db_; }

 private:
  struct Statements;

  Journal(std::unique_ptr<base::SqliteDb> db, std::chrono::seconds expiry, size_t max_rejected);
  Result<void> Prepare();
  Result<void> LoadState();
  Result<void> Append(AppendJob& job, WallTime now);
  Result<LogId> FindKey(const std::string& key, WallTime now);
  Result<void> WriteSession(const SessionTable::Change& change);
  Result<void> WriteRejected(const std::vector<Rejected>& rejected);
  /// Counted on and kept, because counting anew at the start would read the whole log.
  Result<void> WriteSize(uint64_t entries, uint64_t bytes);
  Result<bool> ExpireEntries(LogId cutoff, size_t limit);
  LogId CutoffAt(WallTime now) const;

  std::unique_ptr<base::SqliteDb> db_;
  std::unique_ptr<Statements> statements_;
  std::unique_ptr<TaskJournal> tasks_;
  std::unique_ptr<RevocationJournal> revocations_;
  std::chrono::seconds expiry_;
  size_t max_rejected_;
  std::string epoch_;
  LogId last_id_ = 0;
  LogId trimmed_through_ = 0;
  uint64_t entry_count_ = 0;
  uint64_t byte_count_ = 0;
};

/// Reads the log through a connection of its own or the writer's. One thread at a time.
class JournalReader {
 public:
  static Result<std::unique_ptr<JournalReader>> Make(base::SqliteDb& db, std::string epoch);

  /// As NotificationLog::Read(), ids within the log; fails with `trimmed`.
  Result<std::vector<LogEntryPtr>> Read(LogId after, LogId last, size_t max_entries,
                                        size_t max_bytes);

 private:
  JournalReader(base::SqliteStatement trimmed, base::SqliteStatement entries, base::SqliteDb& db,
                std::string epoch);
  Result<std::vector<LogEntryPtr>> ReadRows(LogId after, LogId last, size_t max_entries,
                                            size_t max_bytes);

  base::SqliteStatement trimmed_;
  base::SqliteStatement entries_;
  base::SqliteDb& db_;
  std::string epoch_;
};

}  // namespace trackwire::broker
