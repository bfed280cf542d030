#include "store/postgres_registry.h"

#include <utility>

#include "store/postgres_revisions.h"
#include "store/postgres_rows.h"
#include "store/postgres_schema.h"

namespace trackwire::store {
namespace {

using tracking::Client;
using tracking::Id;
using tracking::Tracker;
using tracking::TrackerState;

/// The arrays of AddTrackers() as rows; of the same tracker twice the last, in the order of locks.
#define TRACKWIRE_GIVEN_TRACKERS                                                               \
  "SELECT DISTINCT ON (id COLLATE \"C\") id, name, category, client_id, is_public, provider, " \
  "external_id, offline_after_s, expected_interval_s, attributes, edited "                     \
  "FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bool[], $6::text[], "       \
  "$7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::bigint[]) WITH ORDINALITY AS "    \
  "g(id, name, category, client_id, is_public, provider, external_id, offline_after_s, "       \
  "expected_interval_s, attributes, edited, ord) ORDER BY id COLLATE \"C\", ord DESC"

constexpr const char* kInsertTrackers =
    "INSERT INTO trackers(id, name, category, client_id, is_public, provider, external_id, "
    "offline_after_s, expected_interval_s, attributes, edited) " TRACKWIRE_GIVEN_TRACKERS
    " ON CONFLICT (id) DO NOTHING";

constexpr const char* kPutTrackers =
    "INSERT INTO trackers AS t(id, name, category, client_id, is_public, provider, external_id, "
    "offline_after_s, expected_interval_s, attributes, edited) " TRACKWIRE_GIVEN_TRACKERS;

/// What was edited stays, one that was moved to another provider too; nothing is written where
/// nothing changes.
const std::string& UpsertTrackersSql() {
  static const std::string kSql = [] {
    std::string sets;
    std::string before;
    std::string after;
    for (const DescribedColumn& column : kDescribedColumns) {
      const std::string name = column.name;
      std::string value = "excluded." + name;
      if (column.edited_bit != 0) {
        value = "CASE WHEN (t.edited & " + std::to_string(column.edited_bit) + ") = 0 THEN " +
                value + " ELSE t." + name + " END";
      }
      const char* comma = sets.empty() ? "" : ", ";
      sets += comma + name + " = " + value;
      before += comma + ("t." + name);
      after += comma + value;
    }
    return kPutTrackers + (" ON CONFLICT (id) DO UPDATE SET " + sets) + " WHERE ((t.edited & " +
           std::to_string(kSourceEdited) + ") = 0 OR t.provider = excluded.provider) AND (" +
           before + ") IS DISTINCT FROM (" + after + ")";
  }();
  return kSql;
}

constexpr const char* kUpdateTracker =
    "UPDATE trackers t SET name = g.name, category = g.category, client_id = g.client_id, "
    "is_public = g.is_public, provider = g.provider, external_id = g.external_id, "
    "offline_after_s = g.offline_after_s, expected_interval_s = g.expected_interval_s, "
    "attributes = g.attributes, edited = g.edited FROM (" TRACKWIRE_GIVEN_TRACKERS
    ") g WHERE t.id = g.id";

#undef TRACKWIRE_GIVEN_TRACKERS

constexpr const char* kStates =
    "SELECT t.id, t.name, t.category, t.client_id, t.is_public, t.provider, t.external_id, "
    "t.offline_after_s, t.expected_interval_s, t.attributes, t.edited, s.connectivity, s.motion, "
    "s.connectivity_since, s.motion_since, p.seen_at, p.fix_time, p.received_at, p.latitude, "
    "p.longitude, p.altitude, p.accuracy, p.speed, p.course, p.heading, p.battery, p.valid, "
    "p.motion, p.source, p.attributes FROM trackers t LEFT JOIN statuses s ON s.tracker = t.no "
    "LEFT JOIN latest_positions p ON p.tracker = t.no ORDER BY t.no";

std::string BeginRemoval() {
  return "BEGIN; SELECT pg_advisory_xact_lock(" + std::to_string(kAdvisoryLocks) + ", " +
         std::to_string(kTrackersLock) + ")";
}

Unexpected<Error> NoTracker(const Id& id) {
  return Err("unknown_tracker", "there is no tracker " + id.ToJson());
}
Unexpected<Error> NoClient(const Id& id) {
  return Err("unknown_client", "there is no client " + id.ToJson());
}

PgParams ParamsOf(const std::vector<Tracker>& trackers) {
  PgParams params;
  AddTrackers(params, trackers);
  return params;
}

PgParams ParamsOf(const Client& client) {
  return std::move(PgParams().Add(client.id.ToJson()).Add(client.name));
}

/// What is done in one transaction, and raises the revision of trackers with it; not if `changed`
/// says afterwards that all was so already.
template <typename T, typename Work>
Result<T> Change(PostgresConnection& db, const char* begin, Work work,
                 const bool* changed = nullptr) {
  return InTransaction<T>(db, begin, [&]() -> Result<T> {
    Result<T> result = work();
    if (!result || (changed != nullptr && !*changed)) return result;
    if (auto done = BumpRevision(db, kTrackersPart); !done) return Err(std::move(done.error()));
    return result;
  });
}

Result<TrackerState> ReadState(const PgRows& rows, int row) {
  constexpr int kStatus = kTrackerColumnCount;
  constexpr int kSeen = kStatus + 4;
  auto tracker = ReadTracker(rows, row);
  if (!tracker) return Err(std::move(tracker.error()));
  TrackerState state;
  state.tracker = std::move(*tracker);
  if (!rows.IsNull(row, kStatus)) {
    state.status = {static_cast<tracking::Connectivity>(rows.Int(row, kStatus)),
                    static_cast<tracking::Motion>(rows.Int(row, kStatus + 1)),
                    FromMillis(rows.Int(row, kStatus + 2)), FromMillis(rows.Int(row, kStatus + 3))};
  }
  if (!rows.IsNull(row, kSeen)) {
    state.last_seen_at = FromMillis(rows.Int(row, kSeen));
    state.latest = ReadPosition(rows, row, kSeen + 1, state.tracker.id);
  }
  return state;
}

}  // namespace

Result<void> PostgresRegistry::CheckClient(const Tracker& tracker) {
  if (!tracker.client_id) return Ok();
  auto found = db_.Query("SELECT 1 FROM clients WHERE id = $1 FOR KEY SHARE",
                         PgParams().Add(tracker.client_id->ToJson()));
  if (!found) return Err(std::move(found.error()));
  if (found->size() == 0) return NoClient(*tracker.client_id);
  return Ok();
}

Result<void> PostgresRegistry::UpsertClients(const std::vector<Client>& clients) {
  PgArray ids(PgArray::Of::kText);
  PgArray names(PgArray::Of::kText);
  for (const Client& client : clients) {
    ids.Add(client.id.ToJson());
    names.Add(std::string_view(client.name));
  }
  bool changed = false;
  const auto put = [&]() -> Result<void> {
    auto done = db_.Query(
        "INSERT INTO clients AS c(id, name) SELECT DISTINCT ON (id COLLATE \"C\") id, name "
        "FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS g(id, name, ord) "
        "ORDER BY id COLLATE \"C\", ord DESC ON CONFLICT (id) DO UPDATE SET name = excluded.name "
        "WHERE c.name <> excluded.name",
        PgParams().Add(ids).Add(names));
    if (!done) return Err(std::move(done.error()));
    changed = done->changed() > 0;
    return Ok();
  };
  return Change<void>(db_, "BEGIN", put, &changed);
}

Result<void> PostgresRegistry::CreateClient(const Client& client) {
  return Change<void>(db_, "BEGIN", [&]() -> Result<void> {
    auto added = db_.Query("INSERT INTO clients(id, name) VALUES($1, $2) ON CONFLICT DO NOTHING",
                           ParamsOf(client));
    if (!added) return Err(std::move(added.error()));
    if (added->changed() > 0) return Ok();
    return Err("exists", "there is a client " + client.id.ToJson() + " already");
  });
}

Result<void> PostgresRegistry::EditClient(const Client& client) {
  return Change<void>(db_, "BEGIN", [&]() -> Result<void> {
    auto edited = db_.Query("UPDATE clients SET name = $2 WHERE id = $1", ParamsOf(client));
    if (!edited) return Err(std::move(edited.error()));
    if (edited->changed() == 0) return NoClient(client.id);
    return Ok();
  });
}

Result<void> PostgresRegistry::RemoveClient(const Id& id) {
  const std::string key = id.ToJson();
  return Change<void>(db_, "BEGIN", [&]() -> Result<void> {
    // Whoever is giving it a tracker holds the row: what is read afterwards has it.
    auto found = db_.Query("SELECT 1 FROM clients WHERE id = $1 FOR UPDATE", PgParams().Add(key));
    if (!found) return Err(std::move(found.error()));
    auto used =
        db_.Query("SELECT 1 FROM trackers WHERE client_id = $1 LIMIT 1", PgParams().Add(key));
    if (!used) return Err(std::move(used.error()));
    if (used->size() > 0) return Err("in_use", "client " + key + " has trackers");
    if (found->size() == 0) return NoClient(id);
    auto removed = db_.Query("DELETE FROM clients WHERE id = $1", PgParams().Add(key));
    if (!removed) return Err(std::move(removed.error()));
    return Ok();
  });
}

Result<std::vector<Client>> PostgresRegistry::Clients() {
  auto rows = db_.Query("SELECT id, name FROM clients ORDER BY name, id");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<Client> clients;
  for (int i = 0; i < rows->size(); ++i) {
    auto id = Id::FromJson(rows->Text(i, 0));
    if (!id) return Err("corrupt", "a client's id cannot be read");
    clients.push_back({std::move(*id), std::string(rows->Text(i, 1))});
  }
  return clients;
}

Result<void> PostgresRegistry::UpsertTrackers(const std::vector<Tracker>& trackers) {
  std::vector<Tracker> described = trackers;
  for (Tracker& tracker : described) tracker.edited = {};
  const PgParams params = ParamsOf(described);
  bool changed = false;
  const auto put = [&]() -> Result<void> {
    auto done = db_.Query(UpsertTrackersSql().c_str(), params);
    if (!done) return Err(std::move(done.error()));
    changed = done->changed() > 0;
    return Ok();
  };
  return Change<void>(db_, "BEGIN", put, &changed);
}

Result<Tracker> PostgresRegistry::ReadForEdit(const Id& id) {
  static const std::string kSelect =
      std::string("SELECT ") + kTrackerColumns + " FROM trackers WHERE id = $1 FOR UPDATE";
  auto rows = db_.Query(kSelect.c_str(), PgParams().Add(id.ToJson()));
  if (!rows) return Err(std::move(rows.error()));
  if (rows->size() == 0) return NoTracker(id);
  return ReadTracker(*rows, 0);
}

Result<Tracker> PostgresRegistry::EditTracker(const Id& id, const tracking::TrackerEdit& edit) {
  return Change<Tracker>(db_, "BEGIN", [&]() -> Result<Tracker> {
    auto tracker = ReadForEdit(id);
    if (!tracker) return tracker;
    Apply(edit, *tracker);
    if (edit.sets_client) {
      if (auto done = CheckClient(*tracker); !done) return Err(std::move(done.error()));
    }
    auto done = db_.Query(kUpdateTracker, ParamsOf({*tracker}));
    if (!done) return Err(std::move(done.error()));
    return tracker;
  });
}

Result<void> PostgresRegistry::CreateTracker(const Tracker& tracker) {
  return Change<void>(db_, "BEGIN", [&]() -> Result<void> {
    auto added = db_.Query(kInsertTrackers, ParamsOf({tracker}));
    if (!added) return Err(std::move(added.error()));
    if (added->changed() == 0) {
      return Err("exists", "there is a tracker " + tracker.id.ToJson() + " already");
    }
    return CheckClient(tracker);
  });
}

Result<void> PostgresRegistry::Remove(const Id& id) {
  auto rows =
      db_.Query("SELECT no FROM trackers WHERE id = $1 FOR UPDATE", PgParams().Add(id.ToJson()));
  if (!rows) return Err(std::move(rows.error()));
  if (rows->size() == 0) return NoTracker(id);
  const PgParams number = std::move(PgParams().Add(rows->Int(0, 0)));
  for (const char* sql :
       {"INSERT INTO removed_trackers(no) VALUES($1)",
        "DELETE FROM latest_positions WHERE tracker = $1",
        "DELETE FROM statuses WHERE tracker = $1", "DELETE FROM ingest_tokens WHERE tracker = $1",
        "DELETE FROM trackers WHERE no = $1"}) {
    auto done = db_.Query(sql, number);
    if (!done) return Err(std::move(done.error()));
  }
  return Ok();
}

Result<void> PostgresRegistry::RemoveTracker(const Id& id) {
  return Change<void>(db_, BeginRemoval().c_str(), [&] { return Remove(id); });
}

Result<bool> PostgresRegistry::SweepRemoved(size_t limit) {
  const auto most = static_cast<int64_t>(limit);
  return InTransaction<bool>(db_, "BEGIN", [&]() -> Result<bool> {
    // What somebody else is at is left to them.
    auto first = db_.Query(
        "SELECT no FROM removed_trackers ORDER BY no LIMIT 1 FOR UPDATE SKIP LOCKED");
    if (!first) return Err(std::move(first.error()));
    if (first->size() == 0) return false;
    if (limit == 0) return true;
    const int64_t number = first->Int(0, 0);
    auto removed = db_.Query(
        "DELETE FROM positions WHERE tracker = $1 AND fix_time IN (SELECT fix_time "
        "FROM positions WHERE tracker = $1 ORDER BY fix_time LIMIT $2)",
        PgParams().Add(number).Add(most));
    if (!removed) return Err(std::move(removed.error()));
    if (removed->changed() >= most) return true;
    auto done = db_.Query("DELETE FROM removed_trackers WHERE no = $1", PgParams().Add(number));
    if (!done) return Err(std::move(done.error()));
    return true;
  });
}

Result<std::vector<TrackerState>> PostgresRegistry::TrackerStates() {
  auto rows = db_.Query(kStates);
  if (!rows) return Err(std::move(rows.error()));
  std::vector<TrackerState> states;
  states.reserve(static_cast<size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    auto state = ReadState(*rows, i);
    if (!state) return Err(std::move(state.error()));
    states.push_back(std::move(*state));
  }
  return states;
}

}  // namespace trackwire::store
