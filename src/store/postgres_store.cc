#include "store/postgres_store.h"

#include <algorithm>
#include <utility>

#include "store/postgres_rows.h"
#include "store/postgres_schema.h"

namespace trackwire::store {
namespace {

using tracking::Position;

/// $1 to $15 are those of AddPositions(). What is there already stays; of what is new, the newest
/// of each tracker becomes its latest unless that is newer. All rows are touched in the order of
/// tracker and time, whoever writes.
constexpr const char* kWritePositions = R"sql(
  WITH given AS (
    SELECT t.no AS tracker, g.*
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::float8[], $5::float8[], $6::float8[],
                $7::float8[], $8::float8[], $9::float8[], $10::float8[], $11::float8[], $12::bool[],
                $13::bigint[], $14::text[], $15::text[]) WITH ORDINALITY
      AS g(id, fix_time, received_at, latitude, longitude, altitude, accuracy, speed, course,
           heading, battery, valid, motion, source, attributes, ord)
    JOIN trackers t ON t.id = g.id
  ), fresh AS (
    INSERT INTO positions(tracker, fix_time, received_at, latitude, longitude, altitude, accuracy,
                          speed, course, heading, battery, valid, motion, source, attributes)
    SELECT tracker, fix_time, received_at, latitude, longitude, altitude, accuracy, speed, course,
           heading, battery, valid, motion, source, attributes
    FROM given ORDER BY tracker, fix_time, ord
    ON CONFLICT DO NOTHING RETURNING *
  ), newest AS (
    SELECT DISTINCT ON (tracker) *, max(received_at) OVER (PARTITION BY tracker) AS seen_at
    FROM fresh ORDER BY tracker, fix_time DESC
  ), written AS (
    INSERT INTO latest_positions AS l(tracker, fix_time, received_at, latitude, longitude, altitude,
                                      accuracy, speed, course, heading, battery, valid, motion,
                                      source, attributes, seen_at)
    SELECT tracker, fix_time, received_at, latitude, longitude, altitude, accuracy, speed, course,
           heading, battery, valid, motion, source, attributes, seen_at
    FROM newest ORDER BY tracker
    ON CONFLICT (tracker) DO UPDATE SET
)sql";

constexpr const char* kCountWritten = R"sql(
      seen_at = greatest(l.seen_at, excluded.seen_at)
  )
  SELECT (SELECT count(*) FROM given), (SELECT count(*) FROM fresh)
)sql";

/// Newer replaces, older only tells that the tracker was heard.
const std::string& WritePositionsSql() {
  static const std::string kSql = [] {
    std::string sql = kWritePositions;
    for (const char* column :
         {"fix_time", "received_at", "latitude", "longitude", "altitude", "accuracy", "speed",
          "course", "heading", "battery", "valid", "motion", "source", "attributes"}) {
      const std::string name = column;
      sql += name + " = CASE WHEN excluded.fix_time > l.fix_time THEN excluded." + name +
             " ELSE l." + name + " END, ";
    }
    return sql + kCountWritten;
  }();
  return kSql;
}

constexpr const char* kWriteStatuses = R"sql(
  WITH given AS (
    SELECT t.no AS tracker, g.*
    FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) WITH ORDINALITY
      AS g(id, connectivity, motion, connectivity_since, motion_since, ord)
    JOIN trackers t ON t.id = g.id
  ), written AS (
    INSERT INTO statuses(tracker, connectivity, motion, connectivity_since, motion_since)
    SELECT DISTINCT ON (tracker) tracker, connectivity, motion, connectivity_since, motion_since
    FROM given ORDER BY tracker, ord DESC
    ON CONFLICT (tracker) DO UPDATE SET
      connectivity = excluded.connectivity, motion = excluded.motion,
      connectivity_since = excluded.connectivity_since, motion_since = excluded.motion_since
  )
  SELECT count(*) FROM given
)sql";

/// Several of one tracker are as one: what was said last stands, each for itself.
constexpr const char* kWriteContacts = R"sql(
  WITH given AS (
    SELECT t.no AS tracker, g.*
    FROM unnest($1::text[], $2::bigint[], $3::text[], $4::float8[]) WITH ORDINALITY
      AS g(id, at, attributes, battery, ord)
    JOIN trackers t ON t.id = g.id
  ), folded AS (
    SELECT tracker, max(at) AS seen_at,
           max(at) FILTER (WHERE attributes <> '' OR battery IS NOT NULL) AS told_at,
           (array_agg(attributes ORDER BY ord DESC) FILTER (WHERE attributes <> ''))[1]
             AS attributes,
           (array_agg(battery ORDER BY ord DESC) FILTER (WHERE battery IS NOT NULL))[1] AS battery
    FROM given GROUP BY tracker
  ), held AS (
    SELECT l.tracker FROM latest_positions l JOIN folded f ON f.tracker = l.tracker
    ORDER BY l.tracker FOR UPDATE OF l
  ), written AS (
    UPDATE latest_positions l SET
      seen_at = greatest(l.seen_at, f.seen_at),
      received_at = greatest(l.received_at, f.told_at),
      attributes = coalesce(f.attributes, l.attributes),
      battery = coalesce(f.battery, l.battery)
    FROM folded f JOIN held h ON h.tracker = f.tracker WHERE l.tracker = h.tracker
  )
  SELECT count(*) FROM given
)sql";

constexpr const char* kWriteOutbox = R"sql(
  WITH put AS (
    INSERT INTO outbox(producer, key, envelope, created_at)
    SELECT $1, g.key, g.envelope, g.created_at
    FROM unnest($2::text[], $3::text[], $4::bigint[]) WITH ORDINALITY
      AS g(key, envelope, created_at, ord)
    ORDER BY g.ord RETURNING seq
  )
  SELECT max(seq) FROM put
)sql";

/// What is written for a tracker must not meet its removal.
const std::string& BeginWrite() {
  static const std::string kSql = "BEGIN; SELECT pg_advisory_xact_lock_shared(" +
                                  std::to_string(kAdvisoryLocks) + ", " +
                                  std::to_string(kTrackersLock) + ")";
  return kSql;
}

}  // namespace

PostgresStore::PostgresStore(std::unique_ptr<PostgresConnection> db)
    : db_(std::move(db)), registry_(*db_) {}

Result<std::unique_ptr<Store>> PostgresStore::Open(const std::string& url) {
  auto db = OpenPostgres(url);
  if (!db) return Err(std::move(db.error()));
  std::unique_ptr<PostgresStore> store(new PostgresStore(std::move(*db)));
  if (auto done = store->ReadOutboxNumber(); !done) return Err(std::move(done.error()));
  return std::unique_ptr<Store>(std::move(store));
}

Result<void> PostgresStore::ReadOutboxNumber() {
  auto rows =
      db_->Query("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM outbox_seq_seq");
  if (!rows) return Err(std::move(rows.error()));
  if (rows->size() > 0) outbox_seq_ = static_cast<uint64_t>(rows->Int(0, 0));
  return Ok();
}

Result<void> PostgresStore::WritePositions(const std::vector<Position>& positions,
                                           WriteOutcome& outcome) {
  if (positions.empty()) return Ok();
  PgParams params;
  AddPositions(params, positions);
  auto counts = db_->Query(WritePositionsSql().c_str(), params);
  if (!counts) return Err(std::move(counts.error()));
  const auto known = static_cast<size_t>(counts->Int(0, 0));
  outcome.stored = static_cast<size_t>(counts->Int(0, 1));
  outcome.duplicates = known - outcome.stored;
  outcome.unknown += positions.size() - known;
  return Ok();
}

Result<void> PostgresStore::WriteStatuses(const WriteBatch& batch, WriteOutcome& outcome) {
  if (batch.statuses.empty()) return Ok();
  PgArray ids(PgArray::Of::kText);
  PgArray connectivity(PgArray::Of::kInt);
  PgArray motion(PgArray::Of::kInt);
  PgArray connectivity_since(PgArray::Of::kInt);
  PgArray motion_since(PgArray::Of::kInt);
  for (const auto& [id, status] : batch.statuses) {
    ids.Add(id.ToJson());
    connectivity.Add(static_cast<int64_t>(status.connectivity));
    motion.Add(static_cast<int64_t>(status.motion));
    connectivity_since.Add(ToMillis(status.connectivity_since));
    motion_since.Add(ToMillis(status.motion_since));
  }
  PgParams params;
  params.Add(ids).Add(connectivity).Add(motion).Add(connectivity_since).Add(motion_since);
  auto known = db_->Query(kWriteStatuses, params);
  if (!known) return Err(std::move(known.error()));
  outcome.unknown += batch.statuses.size() - static_cast<size_t>(known->Int(0, 0));
  return Ok();
}

Result<void> PostgresStore::WriteContacts(const WriteBatch& batch, WriteOutcome& outcome) {
  if (batch.contacts.empty()) return Ok();
  PgArray ids(PgArray::Of::kText);
  PgArray times(PgArray::Of::kInt);
  PgArray attributes(PgArray::Of::kText);
  PgArray batteries(PgArray::Of::kDouble);
  for (const Contact& contact : batch.contacts) {
    ids.Add(contact.tracker.ToJson());
    times.Add(ToMillis(contact.at));
    attributes.Add(std::string_view(contact.attributes_json));
    batteries.Add(contact.battery_percent);
  }
  PgParams params;
  params.Add(ids).Add(times).Add(attributes).Add(batteries);
  auto known = db_->Query(kWriteContacts, params);
  if (!known) return Err(std::move(known.error()));
  outcome.unknown += batch.contacts.size() - static_cast<size_t>(known->Int(0, 0));
  return Ok();
}

Result<void> PostgresStore::WriteOutbox(const WriteBatch& batch, WriteOutcome& outcome) {
  if (batch.clear_outbox_through > 0) {
    PgParams params;
    params.Add(batch.producer).Add(static_cast<int64_t>(batch.clear_outbox_through));
    auto cleared = db_->Query("DELETE FROM outbox WHERE producer = $1 AND seq <= $2", params);
    if (!cleared) return Err(std::move(cleared.error()));
  }
  if (batch.outbox.empty()) return Ok();
  PgArray keys(PgArray::Of::kText);
  PgArray envelopes(PgArray::Of::kText);
  PgArray times(PgArray::Of::kInt);
  for (const OutboxEntry& entry : batch.outbox) {
    keys.Add(std::string_view(entry.key));
    envelopes.Add(std::string_view(entry.envelope));
    times.Add(ToMillis(entry.created_at));
  }
  PgParams params;
  params.Add(batch.producer).Add(keys).Add(envelopes).Add(times);
  auto last = db_->Query(kWriteOutbox, params);
  if (!last) return Err(std::move(last.error()));
  outcome.outbox_seq = static_cast<uint64_t>(last->Int(0, 0));
  return Ok();
}

Result<WriteOutcome> PostgresStore::Write(const WriteBatch& batch) {
  WriteOutcome unchanged;
  unchanged.outbox_seq = outbox_seq_;
  if (batch.empty()) return unchanged;
  auto written =
      InTransaction<WriteOutcome>(*db_, BeginWrite().c_str(), [&]() -> Result<WriteOutcome> {
        WriteOutcome outcome = unchanged;
        auto done = WritePositions(batch.positions, outcome);
        if (done) done = WriteStatuses(batch, outcome);
        if (done) done = WriteContacts(batch, outcome);
        if (done) done = WriteOutbox(batch, outcome);
        if (!done) return Err(std::move(done.error()));
        return outcome;
      });
  if (written) outbox_seq_ = written->outbox_seq;
  return written;
}

Result<std::vector<OutboxEntry>> PostgresStore::Outbox(const std::string& producer) {
  auto rows = db_->Query(
      "SELECT seq, key, envelope, created_at FROM outbox WHERE producer = $1 ORDER BY seq",
      PgParams().Add(producer));
  if (!rows) return Err(std::move(rows.error()));
  std::vector<OutboxEntry> entries;
  for (int i = 0; i < rows->size(); ++i) {
    entries.push_back({static_cast<uint64_t>(rows->Int(i, 0)), std::string(rows->Text(i, 1)),
                       std::string(rows->Text(i, 2)), FromMillis(rows->Int(i, 3))});
  }
  return entries;
}

Result<std::string> PostgresStore::Mark(const std::string& name) {
  auto rows = db_->Query("SELECT value FROM marks WHERE name = $1", PgParams().Add(name));
  if (!rows) return Err(std::move(rows.error()));
  return rows->size() == 0 ? std::string() : std::string(rows->Text(0, 0));
}

Result<void> PostgresStore::SetMark(const std::string& name, const std::string& value) {
  auto put = db_->Query(
      "INSERT INTO marks(name, value) VALUES($1, $2) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      PgParams().Add(name).Add(value));
  if (!put) return Err(std::move(put.error()));
  return Ok();
}

Result<std::string> PostgresStore::KeepMark(const std::string& name, const std::string& value) {
  auto put = db_->Query(
      "INSERT INTO marks(name, value) VALUES($1, $2) ON CONFLICT (name) DO NOTHING",
      PgParams().Add(name).Add(value));
  if (!put) return Err(std::move(put.error()));
  return Mark(name);
}

Result<size_t> PostgresStore::Prune(WallTime before, size_t limit) {
  PgParams params;
  params.Add(ToMillis(before)).Add(static_cast<int64_t>(limit));
  // What somebody else is removing is left to them.
  auto removed = db_->Query(
      "DELETE FROM positions p USING (SELECT tracker, fix_time FROM positions WHERE fix_time < $1 "
      "ORDER BY fix_time LIMIT $2 FOR UPDATE SKIP LOCKED) old "
      "WHERE p.tracker = old.tracker AND p.fix_time = old.fix_time",
      params);
  if (!removed) return Err(std::move(removed.error()));
  return static_cast<size_t>(removed->changed());
}

}  // namespace trackwire::store
