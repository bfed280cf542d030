#include "broker/embedded/journal.h"

#include <array>
#include <limits>
#include <utility>

#include "base/text.h"

namespace trackwire::broker {
namespace {

using base::SqliteStatement;

// What is released is never changed, only added to.
constexpr std::array<const char*, 5> kSchema{R"sql(
  CREATE TABLE broker_state(name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
  CREATE TABLE log(id INTEGER PRIMARY KEY, envelope TEXT NOT NULL);
  CREATE TABLE log_keys(key TEXT PRIMARY KEY, log_id INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX log_keys_by_id ON log_keys(log_id);
  CREATE TABLE sessions(
    key TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE rejected(
    no INTEGER PRIMARY KEY AUTOINCREMENT,
    envelope TEXT NOT NULL,
    reason TEXT NOT NULL
  );
  INSERT INTO broker_state(name, value) VALUES('trimmed_through', 0);
)sql",
                                          R"sql(
  INSERT INTO broker_state(name, value)
    SELECT 'log_entries', count(*) FROM log
    UNION ALL
    SELECT 'log_bytes', coalesce(sum(length(CAST(envelope AS BLOB))), 0) FROM log;
)sql",
                                          // Records without a proof belong to nobody any more.
                                          R"sql(
  DELETE FROM sessions;
  ALTER TABLE sessions ADD COLUMN proof TEXT NOT NULL DEFAULT '';
)sql",
                                          R"sql(
  CREATE TABLE tasks(
    no INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    key TEXT NOT NULL,
    payload TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    not_before INTEGER NOT NULL
  );
)sql",
                                          R"sql(
  CREATE TABLE revocations(
    subject TEXT PRIMARY KEY,
    revoked_before INTEGER NOT NULL,
    kept_until INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX revocations_by_end ON revocations(kept_until);
)sql"};

/// A live record is renewed in memory only. Who opens the file next cuts its life to the grace.
constexpr int64_t kWhileItsProcessLives = std::numeric_limits<int64_t>::max();

int64_t Millis(WallTime time) { return time.time_since_epoch().count(); }

}  // namespace

struct Journal::Statements {
  SqliteStatement find_key;
  SqliteStatement insert_key;
  SqliteStatement insert_entry;
  SqliteStatement put_session;
  SqliteStatement delete_session;
  SqliteStatement insert_rejected;
  SqliteStatement bound_rejected;
  SqliteStatement expired;
  SqliteStatement delete_entries;
  SqliteStatement set_trimmed;
  SqliteStatement delete_keys;
  SqliteStatement set_size;
};

Journal::Journal(std::unique_ptr<base::SqliteDb> db, std::chrono::seconds expiry,
                 size_t max_rejected)
    : db_(std::move(db)), expiry_(expiry), max_rejected_(max_rejected) {}
Journal::~Journal() = default;

Result<std::unique_ptr<Journal>> Journal::Open(const std::string& path, bool sync_full,
                                               std::chrono::seconds expiry, size_t max_rejected) {
  base::SqliteDb::Options options;
  options.sync_full = sync_full;
  auto db = base::SqliteDb::Open(path, options);
  if (!db) return Err(std::move(db.error()));
  if (auto done = (*db)->Migrate("broker", kSchema); !done) return Err(std::move(done.error()));
  // Checkpoints wait for the disk: LogReader does them, this connection only when it must.
  if (auto done = (*db)->Execute("PRAGMA wal_autocheckpoint=20000"); !done) {
    return Err(std::move(done.error()));
  }
  std::unique_ptr<Journal> journal(new Journal(std::move(*db), expiry, max_rejected));
  if (auto done = journal->Prepare(); !done) return Err(std::move(done.error()));
  if (auto done = journal->LoadState(); !done) return Err(std::move(done.error()));
  return journal;
}

Result<void> Journal::Prepare() {
  constexpr std::array<const char*, 12> kTexts{
      "SELECT log_id FROM log_keys WHERE key = ?",
      "INSERT OR REPLACE INTO log_keys(key, log_id) VALUES(?, ?)",
      "INSERT INTO log(id, envelope) VALUES(?, ?)",
      "INSERT OR REPLACE INTO sessions(key, proof, owner, value, expires_at) "
      "VALUES(?, ?, ?, ?, ?)",
      "DELETE FROM sessions WHERE key = ?",
      "INSERT INTO rejected(envelope, reason) VALUES(?, ?)",
      "DELETE FROM rejected WHERE no <= (SELECT max(no) FROM rejected) - ?",
      "SELECT max(id), count(*), total(length(CAST(envelope AS BLOB))) FROM (SELECT id, envelope "
      "FROM log WHERE id < ? ORDER BY id LIMIT ?)",
      "DELETE FROM log WHERE id <= ?",
      "UPDATE broker_state SET value = ? WHERE name = 'trimmed_through'",
      "DELETE FROM log_keys WHERE key IN (SELECT key FROM log_keys WHERE log_id < ? LIMIT ?)",
      "UPDATE broker_state SET value = CASE name WHEN 'log_entries' THEN ?1 ELSE ?2 END "
      "WHERE name IN ('log_entries', 'log_bytes')"};
  std::vector<SqliteStatement> made;
  for (const char* text : kTexts) {
    auto statement = db_->Prepare(text);
    if (!statement) return Err(std::move(statement.error()));
    made.push_back(std::move(*statement));
  }
  statements_.reset(new Statements{
      std::move(made[0]), std::move(made[1]), std::move(made[2]), std::move(made[3]),
      std::move(made[4]), std::move(made[5]), std::move(made[6]), std::move(made[7]),
      std::move(made[8]), std::move(made[9]), std::move(made[10]), std::move(made[11])});
  auto tasks = TaskJournal::Make(*db_);
  if (!tasks) return Err(std::move(tasks.error()));
  tasks_ = std::move(*tasks);
  auto revocations = RevocationJournal::Make(*db_);
  if (!revocations) return Err(std::move(revocations.error()));
  revocations_ = std::move(*revocations);
  return Ok();
}

Result<void> Journal::LoadState() {
  auto insert = db_->Prepare("INSERT OR IGNORE INTO broker_state(name, value) VALUES('epoch', ?)");
  if (!insert) return Err(std::move(insert.error()));
  const std::string fresh = base::Base64UrlEncode(base::RandomBytes(6));
  insert->Bind(1, std::string_view(fresh));
  if (auto done = insert->Run(); !done) return done;
  auto state = db_->Prepare(
      "SELECT (SELECT value FROM broker_state WHERE name = 'epoch'), "
      "(SELECT value FROM broker_state WHERE name = 'trimmed_through'), "
      "(SELECT max(id) FROM log), "
      "(SELECT value FROM broker_state WHERE name = 'log_entries'), "
      "(SELECT value FROM broker_state WHERE name = 'log_bytes')");
  if (!state) return Err(std::move(state.error()));
  auto row = state->Step();
  if (!row) return Err(std::move(row.error()));
  epoch_ = state->Text(0);
  trimmed_through_ = state->Int(1);
  last_id_ = std::max(state->Int(2), trimmed_through_);
  entry_count_ = static_cast<uint64_t>(state->Int(3));
  byte_count_ = static_cast<uint64_t>(state->Int(4));
  return Ok();
}

Result<std::vector<SessionTable::Row>> Journal::Sessions(WallTime now,
                                                         std::chrono::milliseconds grace) {
  auto clean = db_->Prepare("DELETE FROM sessions WHERE expires_at <= ?");
  if (!clean) return Err(std::move(clean.error()));
  clean->Bind(1, Millis(now));
  if (auto done = clean->Run(); !done) return Err(std::move(done.error()));
  auto limit = db_->Prepare("UPDATE sessions SET expires_at = ?1 WHERE expires_at > ?1");
  if (!limit) return Err(std::move(limit.error()));
  limit->Bind(1, Millis(now + grace));
  if (auto done = limit->Run(); !done) return Err(std::move(done.error()));
  auto rows = db_->Prepare("SELECT key, proof, owner, value, expires_at FROM sessions");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<SessionTable::Row> sessions;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return sessions;
    sessions.push_back({{std::string(rows->Text(0)), std::string(rows->Text(1)),
                         std::string(rows->Text(2)), std::string(rows->Text(3))},
                        WallTime(std::chrono::milliseconds(rows->Int(4)))});
  }
}

Result<std::vector<Rejected>> Journal::AllRejected() {
  auto rows = db_->Prepare("SELECT envelope, reason FROM rejected ORDER BY no");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<Rejected> rejected;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return rejected;
    rejected.push_back({std::string(rows->Text(0)), std::string(rows->Text(1))});
  }
}

LogId Journal::CutoffAt(WallTime now) const {
  const int64_t ms = Millis(now - expiry_);
  return ms > 0 ? ms << kSeqBits : 0;
}

Result<LogId> Journal::FindKey(const std::string& key, WallTime now) {
  statements_->find_key.Bind(1, std::string_view(key));
  auto row = statements_->find_key.Step();
  if (!row) return Err(std::move(row.error()));
  if (!*row) return LogId{0};
  const LogId id = statements_->find_key.Int(0);
  statements_->find_key.Done();
  // Expired, only not yet cleaned up.
  return id < CutoffAt(now) ? LogId{0} : id;
}

Result<void> Journal::Append(AppendJob& job, WallTime now) {
  for (AppendRequest& request : job.requests) {
    if (!request.idempotency_key.empty()) {
      auto known = FindKey(request.idempotency_key, now);
      if (!known) return Err(std::move(known.error()));
      if (*known != 0) {
        job.appended.push_back({ToOffset(epoch_, *known), true});
        continue;
      }
    }
    last_id_ = NextId(last_id_, Millis(now));
    SqliteStatement& insert = statements_->insert_entry;
    insert.Bind(1, last_id_).Bind(2, std::string_view(request.envelope));
    if (auto done = insert.Run(); !done) return done;
    if (!request.idempotency_key.empty()) {
      SqliteStatement& key = statements_->insert_key;
      key.Bind(1, std::string_view(request.idempotency_key)).Bind(2, last_id_);
      if (auto done = key.Run(); !done) return done;
    }
    auto entry = std::make_shared<LogEntry>();
    entry->offset = ToOffset(epoch_, last_id_);
    entry->envelope = std::move(request.envelope);
    entry->accepted_at = request.accepted_at;
    job.appended.push_back({entry->offset, false});
    job.entries.push_back(std::move(entry));
  }
  return Ok();
}

Result<void> Journal::WriteSession(const SessionTable::Change& change) {
  if (!change.row) {
    statements_->delete_session.Bind(1, std::string_view(change.key));
    return statements_->delete_session.Run();
  }
  SqliteStatement& put = statements_->put_session;
  put.Bind(1, std::string_view(change.key));
  put.Bind(2, std::string_view(change.row->record.proof));
  put.Bind(3, std::string_view(change.row->record.owner));
  put.Bind(4, std::string_view(change.row->record.value));
  put.Bind(5, change.row->away || change.row->ended() ? Millis(change.row->expires_at)
                                                      : kWhileItsProcessLives);
  return put.Run();
}

Result<void> Journal::WriteRejected(const std::vector<Rejected>& rejected) {
  if (rejected.empty()) return Ok();
  SqliteStatement& insert = statements_->insert_rejected;
  for (const Rejected& one : rejected) {
    insert.Bind(1, std::string_view(one.envelope)).Bind(2, std::string_view(one.reason));
    if (auto done = insert.Run(); !done) return done;
  }
  statements_->bound_rejected.Bind(1, static_cast<int64_t>(max_rejected_));
  return statements_->bound_rejected.Run();
}

Result<void> Journal::WriteSize(uint64_t entries, uint64_t bytes) {
  SqliteStatement& set = statements_->set_size;
  set.Bind(1, static_cast<int64_t>(entries)).Bind(2, static_cast<int64_t>(bytes));
  return set.Run();
}

Result<void> Journal::Write(WriteGroup& group, WallTime now) {
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  uint64_t entries = 0;
  uint64_t bytes = 0;
  for (AppendJob& job : group.appends) {
    if (auto done = Append(job, now); !done) return done;
    entries += job.entries.size();
    for (const LogEntryPtr& entry : job.entries) bytes += entry->envelope.size();
  }
  if (entries > 0) {
    if (auto done = WriteSize(entry_count_ + entries, byte_count_ + bytes); !done) return done;
  }
  for (const SessionTable::Change& change : group.sessions) {
    if (auto done = WriteSession(change); !done) return done;
  }
  for (const TaskChange& change : group.tasks) {
    if (auto done = tasks_->Write(change); !done) return done;
  }
  for (const RevocationChange& change : group.revocations) {
    if (auto done = revocations_->Write(change.revocation); !done) return done;
  }
  if (auto done = WriteRejected(group.rejected); !done) return done;
  if (auto done = transaction->Commit(); !done) return done;
  entry_count_ += entries;
  byte_count_ += bytes;
  return Ok();
}

Result<bool> Journal::ExpireEntries(LogId cutoff, size_t limit) {
  SqliteStatement& expired = statements_->expired;
  expired.Bind(1, std::min(cutoff, last_id_)).Bind(2, static_cast<int64_t>(limit));
  auto row = expired.Step();
  if (!row) return Err(std::move(row.error()));
  const LogId through = expired.Int(0);
  const auto count = static_cast<uint64_t>(expired.Int(1));
  const auto bytes = static_cast<uint64_t>(expired.Double(2));
  expired.Done();
  if (count == 0) return false;
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  for (SqliteStatement* statement : {&statements_->delete_entries, &statements_->set_trimmed}) {
    statement->Bind(1, through);
    if (auto done = statement->Run(); !done) return Err(std::move(done.error()));
  }
  if (auto done = WriteSize(entry_count_ - count, byte_count_ - bytes); !done) {
    return Err(std::move(done.error()));
  }
  if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  trimmed_through_ = through;
  entry_count_ -= count;
  byte_count_ -= bytes;
  return count == limit;
}

Result<bool> Journal::Expire(WallTime now, size_t limit) {
  const LogId cutoff = CutoffAt(now);
  auto more = ExpireEntries(cutoff, limit);
  if (!more) return more;
  statements_->delete_keys.Bind(1, cutoff).Bind(2, static_cast<int64_t>(limit));
  if (auto done = statements_->delete_keys.Run(); !done) return Err(std::move(done.error()));
  const bool all = *more || static_cast<size_t>(db_->changes()) == limit;
  if (auto done = revocations_->Expire(now, limit); !done) return Err(std::move(done.error()));
  return all;
}

Result<void> Journal::Probe() {
  statements_->set_trimmed.Bind(1, trimmed_through_);
  return statements_->set_trimmed.Run();
}

JournalReader::JournalReader(SqliteStatement trimmed, SqliteStatement entries, base::SqliteDb& db,
                             std::string epoch)
    : trimmed_(std::move(trimmed)),
      entries_(std::move(entries)),
      db_(db),
      epoch_(std::move(epoch)) {}

Result<std::unique_ptr<JournalReader>> JournalReader::Make(base::SqliteDb& db, std::string epoch) {
  auto trimmed = db.Prepare("SELECT value FROM broker_state WHERE name = 'trimmed_through'");
  if (!trimmed) return Err(std::move(trimmed.error()));
  auto entries = db.Prepare("SELECT id, envelope FROM log WHERE id > ? AND id <= ? ORDER BY id");
  if (!entries) return Err(std::move(entries.error()));
  return std::unique_ptr<JournalReader>(
      new JournalReader(std::move(*trimmed), std::move(*entries), db, std::move(epoch)));
}

Result<std::vector<LogEntryPtr>> JournalReader::Read(LogId after, LogId last, size_t max_entries,
                                                     size_t max_bytes) {
  // One snapshot for both questions, so that nothing is trimmed between them.
  if (auto begun = db_.Execute("BEGIN"); !begun) return Err(std::move(begun.error()));
  auto found = ReadRows(after, last, max_entries, max_bytes);
  entries_.Done();
  trimmed_.Done();
  if (auto ended = db_.Execute("COMMIT"); !ended && found) return Err(std::move(ended.error()));
  return found;
}

Result<std::vector<LogEntryPtr>> JournalReader::ReadRows(LogId after, LogId last,
                                                         size_t max_entries, size_t max_bytes) {
  auto row = trimmed_.Step();
  if (!row) return Err(std::move(row.error()));
  if (after < trimmed_.Int(0)) {
    return Err("trimmed", "the log no longer keeps what followed that offset");
  }
  std::vector<LogEntryPtr> found;
  size_t bytes = 0;
  entries_.Bind(1, after).Bind(2, last);
  while (found.size() < max_entries) {
    row = entries_.Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) break;
    const std::string_view envelope = entries_.Text(1);
    if (!found.empty() && bytes + envelope.size() > max_bytes) break;
    bytes += envelope.size();
    auto entry = std::make_shared<LogEntry>();
    entry->offset = ToOffset(epoch_, entries_.Int(0));
    entry->envelope = envelope;
    found.push_back(std::move(entry));
  }
  return found;
}

}  // namespace trackwire::broker
