#include "store/sqlite_store.h"

#include <utility>

#include "store/sqlite_revisions.h"
#include "store/sqlite_schema.h"

namespace trackwire::store {
namespace {

using base::SqliteStatement;
using tracking::Fix;
using tracking::Id;
using tracking::Position;
using tracking::Tracker;
using tracking::TrackerState;

constexpr const char* kPositionColumns =
    "fix_time, received_at, latitude, longitude, altitude, accuracy, speed, course, heading, "
    "battery, valid, motion, source, attributes";
constexpr int kPositionColumnCount = 14;

int64_t Millis(WallTime time) { return time.time_since_epoch().count(); }
WallTime FromMillis(int64_t ms) { return WallTime(std::chrono::milliseconds(ms)); }

/// Binds kPositionColumns from parameter `at` on.
void BindPosition(SqliteStatement& statement, int at, const Position& position) {
  const Fix& fix = position.fix;
  statement.Bind(at, Millis(fix.fix_time)).Bind(at + 1, Millis(position.received_at));
  statement.Bind(at + 2, fix.place.latitude).Bind(at + 3, fix.place.longitude);
  statement.BindOptional(at + 4, fix.altitude_m).BindOptional(at + 5, fix.accuracy_m);
  statement.BindOptional(at + 6, fix.speed_mps).BindOptional(at + 7, fix.course_deg);
  statement.BindOptional(at + 8, fix.heading_deg).BindOptional(at + 9, fix.battery_percent);
  if (fix.valid) {
    statement.Bind(at + 10, static_cast<int64_t>(*fix.valid));
  } else {
    statement.BindNull(at + 10);
  }
  statement.Bind(at + 11, static_cast<int64_t>(position.motion));
  statement.Bind(at + 12, std::string_view(fix.source));
  statement.Bind(at + 13, std::string_view(fix.attributes_json));
}

/// Reads kPositionColumns from column `at` on.
Position ReadPosition(const SqliteStatement& row, int at, Id id) {
  Position position;
  position.tracker_id = std::move(id);
  Fix& fix = position.fix;
  fix.fix_time = FromMillis(row.Int(at));
  position.received_at = FromMillis(row.Int(at + 1));
  fix.place = {row.Double(at + 2), row.Double(at + 3)};
  fix.altitude_m = row.OptionalDouble(at + 4);
  fix.accuracy_m = row.OptionalDouble(at + 5);
  fix.speed_mps = row.OptionalDouble(at + 6);
  fix.course_deg = row.OptionalDouble(at + 7);
  fix.heading_deg = row.OptionalDouble(at + 8);
  fix.battery_percent = row.OptionalDouble(at + 9);
  if (!row.IsNull(at + 10)) fix.valid = row.Int(at + 10) != 0;
  position.motion = static_cast<tracking::Motion>(row.Int(at + 11));
  fix.source = row.Text(at + 12);
  fix.attributes_json = row.Text(at + 13);
  return position;
}

constexpr int64_t kNameEdited = 1;
constexpr int64_t kClientEdited = 2;
constexpr int64_t kPublicEdited = 4;

tracking::EditedFields EditedFrom(int64_t bits) {
  return {(bits & kNameEdited) != 0, (bits & kClientEdited) != 0, (bits & kPublicEdited) != 0};
}

int64_t EditedBits(const tracking::EditedFields& edited) {
  return (edited.name ? kNameEdited : 0) | (edited.client ? kClientEdited : 0) |
         (edited.is_public ? kPublicEdited : 0);
}

/// Columns: id, name, category, client_id, is_public, provider, external_id, offline_after_s,
/// attributes.
Result<Tracker> ReadTracker(const SqliteStatement& row) {
  auto id = Id::FromJson(row.Text(0));
  if (!id) return Err("corrupt", "a tracker's id cannot be read");
  Tracker tracker;
  tracker.id = std::move(*id);
  tracker.name = row.Text(1);
  tracker.category = row.Text(2);
  if (!row.IsNull(3)) tracker.client_id = Id::FromJson(row.Text(3));
  tracker.is_public = row.Int(4) != 0;
  tracker.provider = row.Text(5);
  tracker.external_id = row.Text(6);
  tracker.offline_after = std::chrono::seconds(row.Int(7));
  tracker.attributes_json = row.Text(8);
  return tracker;
}

std::string InsertPosition(const std::string& verb, const std::string& table,
                           const std::string& extra_column) {
  std::string sql = verb + " INTO " + table + "(tracker, " + kPositionColumns + extra_column +
                    ") VALUES(?";
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

std::string SelectStates() {
  return "SELECT t.id, t.name, t.category, t.client_id, t.is_public, t.provider, t.external_id, "
         "t.offline_after_s, t.attributes, s.connectivity, s.motion, s.connectivity_since, "
         "s.motion_since, p.seen_at, p.fix_time, p.received_at, p.latitude, p.longitude, "
         "p.altitude, p.accuracy, p.speed, p.course, p.heading, p.battery, p.valid, p.motion, "
         "p.source, p.attributes, t.edited FROM trackers t LEFT JOIN statuses s ON s.tracker = t.no "
         "LEFT JOIN latest_positions p ON p.tracker = t.no ORDER BY t.no";
}

}  // namespace

struct SqliteStore::Statements {
  SqliteStatement upsert_client;
  SqliteStatement upsert_tracker;
  SqliteStatement insert_position;
  SqliteStatement upsert_latest;
  SqliteStatement upsert_status;
  SqliteStatement insert_outbox;
  SqliteStatement clear_outbox;
  SqliteStatement outbox_seq;
  SqliteStatement history;
  SqliteStatement prune;
};

SqliteStore::SqliteStore(std::unique_ptr<base::SqliteDb> db) : db_(std::move(db)) {}
SqliteStore::~SqliteStore() = default;

Result<std::unique_ptr<Store>> SqliteStore::Open(const std::string& path) {
  auto db = base::SqliteDb::Open(path, {});
  if (!db) return Err(std::move(db.error()));
  if (auto done = (*db)->Migrate("store", kSqliteSchema); !done) {
    return Err(std::move(done.error()));
  }
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::move(*db)));
  if (auto done = store->Prepare(); !done) return Err(std::move(done.error()));
  if (auto done = store->LoadNumbers(); !done) return Err(std::move(done.error()));
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> SqliteStore::Prepare() {
  const std::vector<std::string> texts = {
      "INSERT INTO clients(id, name) VALUES(?, ?) ON CONFLICT(id) DO UPDATE SET "
      "name = excluded.name",
      "INSERT INTO trackers(id, name, category, client_id, is_public, provider, external_id, "
      "offline_after_s, attributes) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?) "
      "ON CONFLICT(id) DO UPDATE SET category = excluded.category, "
      "name = iif(edited & 1, name, excluded.name), "
      "client_id = iif(edited & 2, client_id, excluded.client_id), "
      "is_public = iif(edited & 4, is_public, excluded.is_public), "
      "provider = excluded.provider, external_id = excluded.external_id, "
      "offline_after_s = excluded.offline_after_s, attributes = excluded.attributes RETURNING no",
      InsertPosition("INSERT OR IGNORE", "positions", ""),
      UpsertLatest(),
      "INSERT OR REPLACE INTO statuses(tracker, connectivity, motion, connectivity_since, "
      "motion_since) VALUES(?, ?, ?, ?, ?)",
      "INSERT INTO outbox(key, envelope, created_at) VALUES(?, ?, ?) RETURNING seq",
      "DELETE FROM outbox WHERE seq <= ?",
      "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'",
      std::string("SELECT ") + kPositionColumns +
          " FROM positions WHERE tracker = ? AND fix_time >= ? AND fix_time < ? "
          "ORDER BY fix_time LIMIT ?",
      "DELETE FROM positions WHERE (tracker, fix_time) IN (SELECT tracker, fix_time "
      "FROM positions WHERE fix_time < ? ORDER BY fix_time LIMIT ?)"};
  std::vector<SqliteStatement> made;
  for (const std::string& text : texts) {
    auto statement = db_->Prepare(text);
    if (!statement) return Err(std::move(statement.error()));
    made.push_back(std::move(*statement));
  }
  statements_.reset(new Statements{
      std::move(made[0]), std::move(made[1]), std::move(made[2]), std::move(made[3]),
      std::move(made[4]), std::move(made[5]), std::move(made[6]), std::move(made[7]),
      std::move(made[8]), std::move(made[9])});
  return Ok();
}

Result<void> SqliteStore::LoadNumbers() {
  auto rows = db_->Prepare("SELECT id, no FROM trackers");
  if (!rows) return Err(std::move(rows.error()));
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) break;
    numbers_.emplace(rows->Text(0), rows->Int(1));
  }
  auto row = statements_->outbox_seq.Step();
  if (!row) return Err(std::move(row.error()));
  if (*row) {
    outbox_seq_ = static_cast<uint64_t>(statements_->outbox_seq.Int(0));
    statements_->outbox_seq.Done();
  }
  return Ok();
}

const int64_t* SqliteStore::NumberOf(const Id& id) const {
  const auto found = numbers_.find(id.ToJson());
  return found == numbers_.end() ? nullptr : &found->second;
}

Result<void> SqliteStore::UpsertClients(const std::vector<tracking::Client>& clients) {
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  for (const tracking::Client& client : clients) {
    const std::string id = client.id.ToJson();
    statements_->upsert_client.Bind(1, std::string_view(id)).Bind(2, std::string_view(client.name));
    if (auto done = statements_->upsert_client.Run(); !done) return done;
  }
  if (auto done = BumpRevision(*db_, kTrackersPart); !done) return done;
  return transaction->Commit();
}

Result<int64_t> SqliteStore::UpsertOne(const Tracker& tracker) {
  SqliteStatement& statement = statements_->upsert_tracker;
  const std::string id = tracker.id.ToJson();
  const std::string client = tracker.client_id ? tracker.client_id->ToJson() : "";
  statement.Bind(1, std::string_view(id)).Bind(2, std::string_view(tracker.name));
  statement.Bind(3, std::string_view(tracker.category));
  if (tracker.client_id) {
    statement.Bind(4, std::string_view(client));
  } else {
    statement.BindNull(4);
  }
  statement.Bind(5, static_cast<int64_t>(tracker.is_public));
  statement.Bind(6, std::string_view(tracker.provider));
  statement.Bind(7, std::string_view(tracker.external_id));
  statement.Bind(8, static_cast<int64_t>(tracker.offline_after.count()));
  statement.Bind(9, std::string_view(tracker.attributes_json));
  auto row = statement.Step();
  if (!row) return Err(std::move(row.error()));
  const int64_t number = statement.Int(0);
  statement.Done();
  return number;
}

Result<void> SqliteStore::UpsertTrackers(const std::vector<Tracker>& trackers) {
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  std::vector<int64_t> numbers;
  for (const Tracker& tracker : trackers) {
    auto number = UpsertOne(tracker);
    if (!number) return Err(std::move(number.error()));
    numbers.push_back(*number);
  }
  if (auto done = BumpRevision(*db_, kTrackersPart); !done) return done;
  if (auto done = transaction->Commit(); !done) return done;
  for (size_t i = 0; i < trackers.size(); ++i) numbers_[trackers[i].id.ToJson()] = numbers[i];
  return Ok();
}

Result<Tracker> SqliteStore::ReadOne(const Id& id) {
  auto row = db_->Prepare(
      "SELECT id, name, category, client_id, is_public, provider, external_id, offline_after_s, "
      "attributes, edited FROM trackers WHERE id = ?");
  if (!row) return Err(std::move(row.error()));
  const std::string key = id.ToJson();
  row->Bind(1, std::string_view(key));
  auto found = row->Step();
  if (!found) return Err(std::move(found.error()));
  if (!*found) return Err("unknown_tracker", "there is no tracker " + key);
  auto tracker = ReadTracker(*row);
  if (tracker) tracker->edited = EditedFrom(row->Int(9));
  return tracker;
}

Result<bool> SqliteStore::HasClient(const Id& id) {
  auto row = db_->Prepare("SELECT 1 FROM clients WHERE id = ?");
  if (!row) return Err(std::move(row.error()));
  const std::string key = id.ToJson();
  row->Bind(1, std::string_view(key));
  return row->Step();
}

Result<Tracker> SqliteStore::EditTracker(const Id& id, const tracking::TrackerEdit& edit) {
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  auto tracker = ReadOne(id);
  if (!tracker) return tracker;
  if (edit.sets_client && edit.client_id) {
    auto known = HasClient(*edit.client_id);
    if (!known) return Err(std::move(known.error()));
    if (!*known) return Err("unknown_client", "there is no client " + edit.client_id->ToJson());
  }
  Apply(edit, *tracker);
  auto update = db_->Prepare(
      "UPDATE trackers SET name = ?, client_id = ?, is_public = ?, edited = ? WHERE id = ?");
  if (!update) return Err(std::move(update.error()));
  const std::string key = id.ToJson();
  const std::string client = tracker->client_id ? tracker->client_id->ToJson() : "";
  update->Bind(1, std::string_view(tracker->name));
  if (tracker->client_id) {
    update->Bind(2, std::string_view(client));
  } else {
    update->BindNull(2);
  }
  update->Bind(3, static_cast<int64_t>(tracker->is_public)).Bind(4, EditedBits(tracker->edited));
  update->Bind(5, std::string_view(key));
  if (auto done = update->Run(); !done) return Err(std::move(done.error()));
  if (auto done = BumpRevision(*db_, kTrackersPart); !done) return Err(std::move(done.error()));
  if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  return tracker;
}

Result<std::vector<tracking::Client>> SqliteStore::Clients() {
  auto rows = db_->Prepare("SELECT id, name FROM clients ORDER BY name");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<tracking::Client> clients;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return clients;
    auto id = Id::FromJson(rows->Text(0));
    if (!id) return Err("corrupt", "a client's id cannot be read");
    clients.push_back({std::move(*id), std::string(rows->Text(1))});
  }
}

Result<std::vector<TrackerState>> SqliteStore::TrackerStates() {
  auto rows = db_->Prepare(SelectStates());
  if (!rows) return Err(std::move(rows.error()));
  std::vector<TrackerState> states;
  states.reserve(numbers_.size());
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return states;
    auto tracker = ReadTracker(*rows);
    if (!tracker) return Err(std::move(tracker.error()));
    TrackerState state;
    state.tracker = std::move(*tracker);
    if (!rows->IsNull(9)) {
      state.status = {static_cast<tracking::Connectivity>(rows->Int(9)),
                      static_cast<tracking::Motion>(rows->Int(10)), FromMillis(rows->Int(11)),
                      FromMillis(rows->Int(12))};
    }
    if (!rows->IsNull(13)) {
      state.last_seen_at = FromMillis(rows->Int(13));
      state.latest = ReadPosition(*rows, 14, state.tracker.id);
    }
    state.tracker.edited = EditedFrom(rows->Int(14 + kPositionColumnCount));
    states.push_back(std::move(state));
  }
}

Result<void> SqliteStore::WritePosition(const Position& position, WriteOutcome& outcome) {
  const int64_t* number = NumberOf(position.tracker_id);
  if (number == nullptr) {
    ++outcome.unknown;
    return Ok();
  }
  SqliteStatement& insert = statements_->insert_position;
  insert.Bind(1, *number);
  BindPosition(insert, 2, position);
  if (auto done = insert.Run(); !done) return done;
  if (db_->changes() == 0) {
    ++outcome.duplicates;
    return Ok();
  }
  ++outcome.stored;
  SqliteStatement& latest = statements_->upsert_latest;
  latest.Bind(1, *number);
  BindPosition(latest, 2, position);
  latest.Bind(2 + kPositionColumnCount, Millis(position.received_at));
  return latest.Run();
}

Result<void> SqliteStore::WriteStatus(const Id& id, const tracking::Status& status,
                                      WriteOutcome& outcome) {
  const int64_t* number = NumberOf(id);
  if (number == nullptr) {
    ++outcome.unknown;
    return Ok();
  }
  SqliteStatement& statement = statements_->upsert_status;
  statement.Bind(1, *number).Bind(2, static_cast<int64_t>(status.connectivity));
  statement.Bind(3, static_cast<int64_t>(status.motion));
  statement.Bind(4, Millis(status.connectivity_since)).Bind(5, Millis(status.motion_since));
  return statement.Run();
}

Result<void> SqliteStore::WriteOutbox(const WriteBatch& batch) {
  if (batch.clear_outbox_through > 0) {
    statements_->clear_outbox.Bind(1, static_cast<int64_t>(batch.clear_outbox_through));
    if (auto done = statements_->clear_outbox.Run(); !done) return done;
  }
  SqliteStatement& insert = statements_->insert_outbox;
  for (const OutboxEntry& entry : batch.outbox) {
    insert.Bind(1, std::string_view(entry.key)).Bind(2, std::string_view(entry.envelope));
    insert.Bind(3, Millis(entry.created_at));
    auto row = insert.Step();
    if (!row) return Err(std::move(row.error()));
    outbox_seq_ = static_cast<uint64_t>(insert.Int(0));
    insert.Done();
  }
  return Ok();
}

Result<WriteOutcome> SqliteStore::Write(const WriteBatch& batch) {
  WriteOutcome outcome;
  if (!batch.empty()) {
    auto transaction = base::SqliteTransaction::Begin(*db_);
    if (!transaction) return Err(std::move(transaction.error()));
    for (const Position& position : batch.positions) {
      if (auto done = WritePosition(position, outcome); !done) return Err(std::move(done.error()));
    }
    for (const auto& [id, status] : batch.statuses) {
      if (auto done = WriteStatus(id, status, outcome); !done) return Err(std::move(done.error()));
    }
    if (auto done = WriteOutbox(batch); !done) return Err(std::move(done.error()));
    if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  }
  outcome.outbox_seq = outbox_seq_;
  return outcome;
}

Result<std::vector<OutboxEntry>> SqliteStore::Outbox() {
  auto rows = db_->Prepare("SELECT seq, key, envelope, created_at FROM outbox ORDER BY seq");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<OutboxEntry> entries;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return entries;
    entries.push_back({static_cast<uint64_t>(rows->Int(0)), std::string(rows->Text(1)),
                       std::string(rows->Text(2)), FromMillis(rows->Int(3))});
  }
}

Result<std::vector<Position>> SqliteStore::History(const Id& tracker, WallTime from, WallTime to,
                                                   size_t limit) {
  std::vector<Position> positions;
  const int64_t* number = NumberOf(tracker);
  if (number == nullptr) return positions;
  SqliteStatement& rows = statements_->history;
  rows.Bind(1, *number).Bind(2, Millis(from)).Bind(3, Millis(to));
  rows.Bind(4, static_cast<int64_t>(limit));
  for (;;) {
    auto row = rows.Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return positions;
    positions.push_back(ReadPosition(rows, 0, tracker));
  }
}

Result<size_t> SqliteStore::Prune(WallTime before, size_t limit) {
  statements_->prune.Bind(1, Millis(before)).Bind(2, static_cast<int64_t>(limit));
  if (auto done = statements_->prune.Run(); !done) return Err(std::move(done.error()));
  return static_cast<size_t>(db_->changes());
}

}  // namespace trackwire::store
