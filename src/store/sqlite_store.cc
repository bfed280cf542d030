#include "store/sqlite_store.h"

#include <utility>

#include "store/sqlite_rows.h"
#include "store/sqlite_schema.h"

namespace trackwire::store {
namespace {

using base::SqliteStatement;
using tracking::Id;
using tracking::Position;

constexpr size_t kSweptAtOnce = 10'000;

std::string InsertPosition(const std::string& verb, const std::string& table,
                           const std::string& extra_column) {
  std::string sql =
      verb + " INTO " + table + "(tracker, " + kPositionColumns + extra_column + ") VALUES(?";
  const int more = kPositionColumnCount + (extra_column.empty() ? 0 : 1);
  for (int i = 0; i < more; ++i) sql += ",?";
  return sql + ")";
}

/// Newer replaces, older only tells that the tracker was heard.
std::string UpsertLatest() {
  std::string sql = InsertPosition("INSERT", "latest_positions", ", seen_at") +
                    " ON CONFLICT(tracker) DO UPDATE SET ";
  for (const char* column :
       {"received_at", "latitude", "longitude", "altitude", "accuracy", "speed", "course",
        "heading", "battery", "valid", "motion", "source", "attributes", "fix_time"}) {
    const std::string name = column;
    sql += name + " = iif(excluded.fix_time > fix_time, excluded." + name + ", " + name + "), ";
  }
  return sql + "seen_at = max(seen_at, excluded.seen_at)";
}

/// What was said besides stands there as of `at`; a contact that says nothing only tells of itself.
constexpr const char* kNoteContact =
    "UPDATE latest_positions SET seen_at = max(seen_at, ?2), "
    "received_at = iif(?3 = '' AND ?4 IS NULL, received_at, max(received_at, ?2)), "
    "attributes = iif(?3 = '', attributes, ?3), battery = coalesce(?4, battery) "
    "WHERE tracker = ?1";

}  // namespace

struct SqliteStore::Statements {
  SqliteStatement number;
  SqliteStatement insert_position;
  SqliteStatement upsert_latest;
  SqliteStatement upsert_status;
  SqliteStatement note_contact;
  SqliteStatement insert_outbox;
  SqliteStatement clear_outbox;
  SqliteStatement prune;
};

SqliteStore::SqliteStore(std::unique_ptr<base::SqliteDb> db)
    : db_(std::move(db)), registry_(*db_) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<Store>> SqliteStore::Open(const std::string& path) {
  auto db = base::SqliteDb::Open(path, {});
  if (!db) return Err(std::move(db.error()));
  if (auto done = (*db)->Migrate("store", kSqliteSchema); !done) {
    return Err(std::move(done.error()));
  }
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(*db)));
  store->in_memory_ = path == ":memory:";
  if (auto done = store->Prepare(); !done) return Err(std::move(done.error()));
  if (auto done = store->ReadOutboxNumber(); !done) return Err(std::move(done.error()));
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> SqliteStore::Prepare() {
  const std::vector<std::string> texts = {
      kSelectNumber,
      InsertPosition("INSERT OR IGNORE", "positions", ""),
      UpsertLatest(),
      "INSERT OR REPLACE INTO statuses(tracker, connectivity, motion, connectivity_since, "
      "motion_since) VALUES(?, ?, ?, ?, ?)",
      kNoteContact,
      "INSERT INTO outbox(key, envelope, created_at, producer) VALUES(?, ?, ?, ?) RETURNING seq",
      "DELETE FROM outbox WHERE producer = ? AND seq <= ?",
      "DELETE FROM positions WHERE (tracker, fix_time) IN (SELECT tracker, fix_time "
      "FROM positions WHERE fix_time < ? ORDER BY fix_time LIMIT ?)"};
  std::vector<SqliteStatement> made;
  for (const std::string& text : texts) {
    auto statement = db_->Prepare(text);
    if (!statement) return Err(std::move(statement.error()));
    made.push_back(std::move(*statement));
  }
  statements_.reset(new Statements{std::move(made[0]), std::move(made[1]), std::move(made[2]),
                                   std::move(made[3]), std::move(made[4]), std::move(made[5]),
                                   std::move(made[6]), std::move(made[7])});
  return Ok();
}

Result<void> SqliteStore::ReadOutboxNumber() {
  auto rows = db_->Prepare("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'");
  if (!rows) return Err(std::move(rows.error()));
  auto row = rows->Step();
  if (!row) return Err(std::move(row.error()));
  if (*row) outbox_seq_ = static_cast<uint64_t>(rows->Int(0));
  return Ok();
}

Result<void> SqliteStore::WritePosition(const Position& position, WriteOutcome& outcome) {
  auto number = NumberOf(statements_->number, position.tracker_id);
  if (!number) return Err(std::move(number.error()));
  if (!*number) {
    ++outcome.unknown;
    return Ok();
  }
  SqliteStatement& insert = statements_->insert_position;
  insert.Bind(1, **number);
  BindPosition(insert, 2, position);
  if (auto done = insert.Run(); !done) return done;
  if (db_->changes() == 0) {
    ++outcome.duplicates;
    return Ok();
  }
  ++outcome.stored;
  SqliteStatement& latest = statements_->upsert_latest;
  latest.Bind(1, **number);
  BindPosition(latest, 2, position);
  latest.Bind(2 + kPositionColumnCount, ToMillis(position.received_at));
  return latest.Run();
}

Result<void> SqliteStore::WriteStatus(const Id& id, const tracking::Status& status,
                                      WriteOutcome& outcome) {
  auto number = NumberOf(statements_->number, id);
  if (!number) return Err(std::move(number.error()));
  if (!*number) {
    ++outcome.unknown;
    return Ok();
  }
  SqliteStatement& statement = statements_->upsert_status;
  statement.Bind(1, **number).Bind(2, static_cast<int64_t>(status.connectivity));
  statement.Bind(3, static_cast<int64_t>(status.motion));
  statement.Bind(4, ToMillis(status.connectivity_since)).Bind(5, ToMillis(status.motion_since));
  return statement.Run();
}

Result<void> SqliteStore::WriteContact(const Contact& contact, WriteOutcome& outcome) {
  auto number = NumberOf(statements_->number, contact.tracker);
  if (!number) return Err(std::move(number.error()));
  if (!*number) {
    ++outcome.unknown;
    return Ok();
  }
  SqliteStatement& note = statements_->note_contact;
  note.Bind(1, **number).Bind(2, ToMillis(contact.at));
  note.Bind(3, std::string_view(contact.attributes_json));
  note.BindOptional(4, contact.battery_percent);
  return note.Run();
}

Result<void> SqliteStore::WriteOutbox(const WriteBatch& batch, uint64_t& last) {
  if (batch.clear_outbox_through > 0) {
    SqliteStatement& clear = statements_->clear_outbox;
    clear.Bind(1, std::string_view(batch.producer));
    clear.Bind(2, static_cast<int64_t>(batch.clear_outbox_through));
    if (auto done = clear.Run(); !done) return done;
  }
  SqliteStatement& insert = statements_->insert_outbox;
  for (const OutboxEntry& entry : batch.outbox) {
    insert.Bind(1, std::string_view(entry.key)).Bind(2, std::string_view(entry.envelope));
    insert.Bind(3, ToMillis(entry.created_at)).Bind(4, std::string_view(batch.producer));
    auto row = insert.Step();
    if (!row) return Err(std::move(row.error()));
    last = static_cast<uint64_t>(insert.Int(0));
    insert.Done();
  }
  return Ok();
}

Result<WriteOutcome> SqliteStore::Write(const WriteBatch& batch) {
  WriteOutcome outcome;
  outcome.outbox_seq = outbox_seq_;
  if (batch.empty()) return outcome;
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  for (const Position& position : batch.positions) {
    if (auto done = WritePosition(position, outcome); !done) return Err(std::move(done.error()));
  }
  for (const auto& [id, status] : batch.statuses) {
    if (auto done = WriteStatus(id, status, outcome); !done) return Err(std::move(done.error()));
  }
  for (const Contact& contact : batch.contacts) {
    if (auto done = WriteContact(contact, outcome); !done) return Err(std::move(done.error()));
  }
  if (auto done = WriteOutbox(batch, outcome.outbox_seq); !done) {
    return Err(std::move(done.error()));
  }
  if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  outbox_seq_ = outcome.outbox_seq;
  return outcome;
}

Result<std::vector<OutboxEntry>> SqliteStore::Outbox(const std::string& producer) {
  auto rows = db_->Prepare(
      "SELECT seq, key, envelope, created_at FROM outbox WHERE producer = ? ORDER BY seq");
  if (!rows) return Err(std::move(rows.error()));
  rows->Bind(1, std::string_view(producer));
  std::vector<OutboxEntry> entries;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return entries;
    entries.push_back({static_cast<uint64_t>(rows->Int(0)), std::string(rows->Text(1)),
                       std::string(rows->Text(2)), FromMillis(rows->Int(3))});
  }
}

Result<void> SqliteStore::RemoveTracker(const Id& id) {
  auto done = registry_.RemoveTracker(id);
  if (!done || !in_memory_) return done;
  for (;;) {
    auto more = registry_.SweepRemoved(kSweptAtOnce);
    if (!more) return Err(std::move(more.error()));
    if (!*more) return Ok();
  }
}

Result<std::string> SqliteStore::Mark(const std::string& name) {
  auto rows = db_->Prepare("SELECT value FROM marks WHERE name = ?");
  if (!rows) return Err(std::move(rows.error()));
  auto row = rows->Bind(1, std::string_view(name)).Step();
  if (!row) return Err(std::move(row.error()));
  return *row ? std::string(rows->Text(0)) : std::string();
}

Result<void> SqliteStore::SetMark(const std::string& name, const std::string& value) {
  auto put = db_->Prepare("INSERT OR REPLACE INTO marks(name, value) VALUES(?, ?)");
  if (!put) return Err(std::move(put.error()));
  return put->Bind(1, std::string_view(name)).Bind(2, std::string_view(value)).Run();
}

Result<std::string> SqliteStore::KeepMark(const std::string& name, const std::string& value) {
  auto put = db_->Prepare("INSERT OR IGNORE INTO marks(name, value) VALUES(?, ?)");
  if (!put) return Err(std::move(put.error()));
  auto done = put->Bind(1, std::string_view(name)).Bind(2, std::string_view(value)).Run();
  if (!done) return Err(std::move(done.error()));
  return Mark(name);
}

Result<size_t> SqliteStore::Prune(WallTime before, size_t limit) {
  statements_->prune.Bind(1, ToMillis(before)).Bind(2, static_cast<int64_t>(limit));
  if (auto done = statements_->prune.Run(); !done) return Err(std::move(done.error()));
  return static_cast<size_t>(db_->changes());
}

}  // namespace trackwire::store
