#include "store/sqlite_registry.h"

#include <string>
#include <utility>

#include "store/sqlite_revisions.h"
#include "store/sqlite_rows.h"

namespace trackwire::store {
namespace {

using base::SqliteStatement;
using base::SqliteTransaction;
using tracking::Client;
using tracking::Id;
using tracking::Tracker;
using tracking::TrackerState;

/// A number is not given again while there may be positions of one who had it and is gone.
constexpr const char* kInsertTracker =
    "INSERT INTO trackers(no, id, name, category, client_id, is_public, provider, external_id, "
    "offline_after_s, expected_interval_s, attributes, edited) "
    "VALUES(1 + max(coalesce((SELECT max(no) FROM trackers), 0), "
    "coalesce((SELECT max(no) FROM removed_trackers), 0)), "
    "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// What was edited stays, one that was moved to another provider too; nothing is written where
/// nothing changes.
std::string OrUpdate() {
  std::string sets;
  std::string before;
  std::string after;
  for (const DescribedColumn& column : kDescribedColumns) {
    const std::string name = column.name;
    std::string value = "excluded." + name;
    if (column.edited_bit != 0) {
      value =
          "iif(edited & " + std::to_string(column.edited_bit) + ", " + name + ", " + value + ")";
    }
    const char* comma = sets.empty() ? "" : ", ";
    sets += comma + name + " = " + value;
    before += comma + name;
    after += comma + value;
  }
  return " ON CONFLICT(id) DO UPDATE SET " + sets + " WHERE (NOT edited & " +
         std::to_string(kSourceEdited) + " OR provider = excluded.provider) AND (" + before +
         ") IS NOT (" + after + ")";
}

std::optional<std::string> JsonOf(const std::optional<Id>& id) {
  if (!id) return std::nullopt;
  return id->ToJson();
}

/// Runs kInsertTracker, or another statement with its parameters.
Result<void> RunWith(SqliteStatement& statement, const Tracker& tracker) {
  const std::string id = tracker.id.ToJson();
  const auto client = JsonOf(tracker.client_id);
  statement.Bind(1, std::string_view(id)).Bind(2, std::string_view(tracker.name));
  statement.Bind(3, std::string_view(tracker.category));
  BindOptionalText(statement, 4, client);
  statement.Bind(5, static_cast<int64_t>(tracker.is_public));
  statement.Bind(6, std::string_view(tracker.provider));
  statement.Bind(7, std::string_view(tracker.external_id));
  statement.Bind(8, static_cast<int64_t>(tracker.offline_after.count()));
  statement.Bind(9, static_cast<int64_t>(tracker.expected_interval.count()));
  statement.Bind(10, std::string_view(tracker.attributes_json));
  statement.Bind(11, EditedBits(tracker.edited));
  return statement.Run();
}

Result<void> RunWith(SqliteStatement& statement, const Client& client) {
  const std::string id = client.id.ToJson();
  statement.Bind(1, std::string_view(id)).Bind(2, std::string_view(client.name));
  return statement.Run();
}

Unexpected<Error> NoTracker(const Id& id) {
  return Err("unknown_tracker", "there is no tracker " + id.ToJson());
}
Unexpected<Error> NoClient(const Id& id) {
  return Err("unknown_client", "there is no client " + id.ToJson());
}

std::string SelectStates() {
  std::string columns;
  for (std::string_view rest = kTrackerColumns; !rest.empty();) {
    const size_t comma = std::min(rest.find(", "), rest.size());
    columns += columns.empty() ? "t." : ", t.";
    columns += rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 2, rest.size()));
  }
  return "SELECT " + columns +
         ", s.connectivity, s.motion, s.connectivity_since, s.motion_since, p.seen_at, "
         "p.fix_time, p.received_at, p.latitude, p.longitude, p.altitude, p.accuracy, p.speed, "
         "p.course, p.heading, p.battery, p.valid, p.motion, p.source, p.attributes "
         "FROM trackers t LEFT JOIN statuses s ON s.tracker = t.no "
         "LEFT JOIN latest_positions p ON p.tracker = t.no ORDER BY t.no";
}

Result<TrackerState> ReadState(const SqliteStatement& row) {
  constexpr int kStatus = kTrackerColumnCount;
  constexpr int kSeen = kStatus + 4;
  auto tracker = ReadTracker(row);
  if (!tracker) return Err(std::move(tracker.error()));
  TrackerState state;
  state.tracker = std::move(*tracker);
  if (!row.IsNull(kStatus)) {
    state.status = {static_cast<tracking::Connectivity>(row.Int(kStatus)),
                    static_cast<tracking::Motion>(row.Int(kStatus + 1)),
                    FromMillis(row.Int(kStatus + 2)), FromMillis(row.Int(kStatus + 3))};
  }
  if (!row.IsNull(kSeen)) {
    state.last_seen_at = FromMillis(row.Int(kSeen));
    state.latest = ReadPosition(row, kSeen + 1, state.tracker.id);
  }
  return state;
}

/// What is done in one transaction, and raises the revision of trackers with it; not if `changed`
/// says afterwards that all was so already.
template <typename T, typename Work>
Result<T> Change(base::SqliteDb& db, Work work, const bool* changed = nullptr) {
  auto transaction = SqliteTransaction::Begin(db);
  if (!transaction) return Err(std::move(transaction.error()));
  Result<T> result = work();
  if (!result) return result;
  if (changed == nullptr || *changed) {
    if (auto done = BumpRevision(db, kTrackersPart); !done) return Err(std::move(done.error()));
  }
  if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  return result;
}

}  // namespace

Result<std::optional<int64_t>> NumberOf(SqliteStatement& select, const Id& id) {
  const std::string key = id.ToJson();
  auto row = select.Bind(1, std::string_view(key)).Step();
  if (!row) return Err(std::move(row.error()));
  if (!*row) return std::optional<int64_t>();
  const std::optional<int64_t> number = select.Int(0);
  select.Done();
  return number;
}

Result<bool> SqliteRegistry::Exists(const char* query, const Id& id) {
  auto rows = db_.Prepare(query);
  if (!rows) return Err(std::move(rows.error()));
  const std::string key = id.ToJson();
  return rows->Bind(1, std::string_view(key)).Step();
}

Result<void> SqliteRegistry::CheckClient(const Tracker& tracker) {
  if (!tracker.client_id) return Ok();
  auto known = Exists("SELECT 1 FROM clients WHERE id = ?", *tracker.client_id);
  if (!known) return Err(std::move(known.error()));
  if (!*known) return NoClient(*tracker.client_id);
  return Ok();
}

Result<void> SqliteRegistry::UpsertClients(const std::vector<Client>& clients) {
  bool changed = false;
  const auto put = [&]() -> Result<void> {
    auto upsert = db_.Prepare(
        "INSERT INTO clients(id, name) VALUES(?, ?) ON CONFLICT(id) DO UPDATE SET "
        "name = excluded.name WHERE name <> excluded.name");
    if (!upsert) return Err(std::move(upsert.error()));
    for (const Client& client : clients) {
      if (auto done = RunWith(*upsert, client); !done) return done;
      changed |= db_.changes() > 0;
    }
    return Ok();
  };
  return Change<void>(db_, put, &changed);
}

Result<void> SqliteRegistry::CreateClient(const Client& client) {
  return Change<void>(db_, [&]() -> Result<void> {
    auto insert = db_.Prepare("INSERT OR IGNORE INTO clients(id, name) VALUES(?, ?)");
    if (!insert) return Err(std::move(insert.error()));
    if (auto done = RunWith(*insert, client); !done) return done;
    if (db_.changes() == 0) {
      return Err("exists", "there is a client " + client.id.ToJson() + " already");
    }
    return Ok();
  });
}

Result<void> SqliteRegistry::EditClient(const Client& client) {
  return Change<void>(db_, [&]() -> Result<void> {
    auto update = db_.Prepare("UPDATE clients SET name = ?2 WHERE id = ?1");
    if (!update) return Err(std::move(update.error()));
    if (auto done = RunWith(*update, client); !done) return done;
    if (db_.changes() == 0) return NoClient(client.id);
    return Ok();
  });
}

Result<void> SqliteRegistry::RemoveClient(const Id& id) {
  return Change<void>(db_, [&]() -> Result<void> {
    auto used = Exists("SELECT 1 FROM trackers WHERE client_id = ? LIMIT 1", id);
    if (!used) return Err(std::move(used.error()));
    if (*used) return Err("in_use", "client " + id.ToJson() + " has trackers");
    auto remove = db_.Prepare("DELETE FROM clients WHERE id = ?");
    if (!remove) return Err(std::move(remove.error()));
    const std::string key = id.ToJson();
    if (auto done = remove->Bind(1, std::string_view(key)).Run(); !done) return done;
    if (db_.changes() == 0) return NoClient(id);
    return Ok();
  });
}

Result<std::vector<Client>> SqliteRegistry::Clients() {
  auto rows = db_.Prepare("SELECT id, name FROM clients ORDER BY name, id");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<Client> clients;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return clients;
    auto id = Id::FromJson(rows->Text(0));
    if (!id) return Err("corrupt", "a client's id cannot be read");
    clients.push_back({std::move(*id), std::string(rows->Text(1))});
  }
}

Result<void> SqliteRegistry::UpsertTrackers(const std::vector<Tracker>& trackers) {
  bool changed = false;
  const auto put = [&]() -> Result<void> {
    auto upsert = db_.Prepare(kInsertTracker + OrUpdate());
    if (!upsert) return Err(std::move(upsert.error()));
    for (Tracker tracker : trackers) {
      tracker.edited = {};
      if (auto done = RunWith(*upsert, tracker); !done) return done;
      changed |= db_.changes() > 0;
    }
    return Ok();
  };
  return Change<void>(db_, put, &changed);
}

Result<Tracker> SqliteRegistry::ReadOne(const Id& id) {
  auto row = db_.Prepare(std::string("SELECT ") + kTrackerColumns + " FROM trackers WHERE id = ?");
  if (!row) return Err(std::move(row.error()));
  const std::string key = id.ToJson();
  auto found = row->Bind(1, std::string_view(key)).Step();
  if (!found) return Err(std::move(found.error()));
  if (!*found) return NoTracker(id);
  return ReadTracker(*row);
}

Result<Tracker> SqliteRegistry::EditTracker(const Id& id, const tracking::TrackerEdit& edit) {
  return Change<Tracker>(db_, [&]() -> Result<Tracker> {
    auto tracker = ReadOne(id);
    if (!tracker) return tracker;
    Apply(edit, *tracker);
    if (edit.sets_client) {
      if (auto done = CheckClient(*tracker); !done) return Err(std::move(done.error()));
    }
    auto update = db_.Prepare(
        "UPDATE trackers SET name = ?2, category = ?3, client_id = ?4, is_public = ?5, "
        "provider = ?6, external_id = ?7, offline_after_s = ?8, expected_interval_s = ?9, "
        "attributes = ?10, edited = ?11 WHERE id = ?1");
    if (!update) return Err(std::move(update.error()));
    if (auto done = RunWith(*update, *tracker); !done) return Err(std::move(done.error()));
    return tracker;
  });
}

Result<void> SqliteRegistry::CreateTracker(const Tracker& tracker) {
  return Change<void>(db_, [&]() -> Result<void> {
    auto insert = db_.Prepare(std::string(kInsertTracker) + " ON CONFLICT(id) DO NOTHING");
    if (!insert) return Err(std::move(insert.error()));
    if (auto done = RunWith(*insert, tracker); !done) return done;
    if (db_.changes() == 0) {
      return Err("exists", "there is a tracker " + tracker.id.ToJson() + " already");
    }
    return CheckClient(tracker);
  });
}

Result<void> SqliteRegistry::RunFor(int64_t number, const char* sql) {
  auto statement = db_.Prepare(sql);
  if (!statement) return Err(std::move(statement.error()));
  return statement->Bind(1, number).Run();
}

Result<void> SqliteRegistry::RemoveTracker(const Id& id) {
  return Change<void>(db_, [&]() -> Result<void> {
    auto select = db_.Prepare(kSelectNumber);
    if (!select) return Err(std::move(select.error()));
    auto number = NumberOf(*select, id);
    if (!number) return Err(std::move(number.error()));
    if (!*number) return NoTracker(id);
    for (const char* sql :
         {"INSERT INTO removed_trackers(no) VALUES(?)",
          "DELETE FROM latest_positions WHERE tracker = ?",
          "DELETE FROM statuses WHERE tracker = ?", "DELETE FROM ingest_tokens WHERE tracker = ?",
          "DELETE FROM trackers WHERE no = ?"}) {
      if (auto done = RunFor(**number, sql); !done) return done;
    }
    return Ok();
  });
}

Result<bool> SqliteRegistry::SweepRemoved(size_t limit) {
  // A look first: a transaction that writes would make others wait for nothing.
  auto first = db_.Prepare("SELECT no FROM removed_trackers ORDER BY no LIMIT 1");
  if (!first) return Err(std::move(first.error()));
  auto row = first->Step();
  if (!row) return Err(std::move(row.error()));
  if (!*row) return false;
  const int64_t number = first->Int(0);
  first->Done();
  if (limit == 0) return true;
  auto transaction = SqliteTransaction::Begin(db_);
  if (!transaction) return Err(std::move(transaction.error()));
  // Within it: somebody else may have come to the end, and the number may be another tracker's now.
  auto remove = db_.Prepare(
      "DELETE FROM positions WHERE (tracker, fix_time) IN (SELECT tracker, fix_time FROM positions "
      "WHERE tracker = (SELECT no FROM removed_trackers WHERE no = ?) ORDER BY fix_time LIMIT ?)");
  if (!remove) return Err(std::move(remove.error()));
  const auto most = static_cast<int64_t>(limit);
  if (auto done = remove->Bind(1, number).Bind(2, most).Run(); !done) {
    return Err(std::move(done.error()));
  }
  if (db_.changes() < most) {
    auto done = RunFor(number, "DELETE FROM removed_trackers WHERE no = ?");
    if (!done) return Err(std::move(done.error()));
  }
  if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  return true;
}

Result<std::vector<TrackerState>> SqliteRegistry::TrackerStates() {
  auto rows = db_.Prepare(SelectStates());
  if (!rows) return Err(std::move(rows.error()));
  std::vector<TrackerState> states;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return states;
    auto state = ReadState(*rows);
    if (!state) return Err(std::move(state.error()));
    states.push_back(std::move(*state));
  }
}

}  // namespace trackwire::store
