#include "store/postgres_schema.h"

#include <string>
#include <utility>

namespace trackwire::store {
namespace {

// Text that is compared or sorted does so by its bytes, as in SQLite. The rows of statuses and
// latest positions are written all the time: room in their pages keeps that from touching indexes.
constexpr const char* kFirst = R"sql(
  CREATE TABLE clients(
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL
  );
  CREATE TABLE trackers(
    no bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text COLLATE "C" NOT NULL UNIQUE,
    name text NOT NULL,
    category text NOT NULL,
    client_id text COLLATE "C",
    is_public boolean NOT NULL,
    provider text NOT NULL,
    external_id text NOT NULL,
    offline_after_s bigint NOT NULL,
    expected_interval_s bigint NOT NULL,
    attributes text NOT NULL,
    edited bigint NOT NULL
  );
  CREATE INDEX trackers_by_client ON trackers(client_id);
  CREATE TABLE statuses(
    tracker bigint PRIMARY KEY,
    connectivity smallint NOT NULL,
    motion smallint NOT NULL,
    connectivity_since bigint NOT NULL,
    motion_since bigint NOT NULL
  ) WITH (fillfactor = 70);
  CREATE TABLE positions(
    tracker bigint NOT NULL,
    fix_time bigint NOT NULL,
    received_at bigint NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    altitude double precision,
    accuracy double precision,
    speed double precision,
    course double precision,
    heading double precision,
    battery double precision,
    valid boolean,
    motion smallint NOT NULL,
    source text NOT NULL,
    attributes text NOT NULL,
    PRIMARY KEY(tracker, fix_time)
  );
  CREATE INDEX positions_by_time ON positions(fix_time);
  CREATE TABLE latest_positions(
    tracker bigint PRIMARY KEY,
    fix_time bigint NOT NULL,
    received_at bigint NOT NULL,
    latitude double precision NOT NULL,
    longitude double precision NOT NULL,
    altitude double precision,
    accuracy double precision,
    speed double precision,
    course double precision,
    heading double precision,
    battery double precision,
    valid boolean,
    motion smallint NOT NULL,
    source text NOT NULL,
    attributes text NOT NULL,
    seen_at bigint NOT NULL
  ) WITH (fillfactor = 70);
  CREATE TABLE outbox(
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    producer text COLLATE "C" NOT NULL,
    key text NOT NULL,
    envelope text NOT NULL,
    created_at bigint NOT NULL
  );
  CREATE INDEX outbox_by_producer ON outbox(producer, seq);
  CREATE TABLE ingest_tokens(
    digest text COLLATE "C" PRIMARY KEY,
    tracker bigint NOT NULL REFERENCES trackers(no),
    created_at bigint NOT NULL
  );
  CREATE INDEX ingest_tokens_by_tracker ON ingest_tokens(tracker);
  CREATE TABLE users(
    folded_name text COLLATE "C" PRIMARY KEY,
    name text NOT NULL,
    password_hash text NOT NULL,
    roles text NOT NULL,
    clients text NOT NULL,
    permissions text NOT NULL,
    disabled boolean NOT NULL,
    tokens_valid_from bigint NOT NULL,
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL
  );
  CREATE TABLE revisions(
    part text PRIMARY KEY,
    number bigint NOT NULL
  );
  INSERT INTO revisions(part, number) VALUES('users', 0), ('trackers', 0);
)sql";

constexpr const char* kSecond = R"sql(
  CREATE TABLE marks(
    name text COLLATE "C" PRIMARY KEY,
    value text NOT NULL
  );
)sql";

constexpr const char* kThird = R"sql(
  CREATE TABLE removed_trackers(
    no bigint PRIMARY KEY
  );
)sql";

constexpr PostgresStep kSteps[] = {
    {"clients, trackers, positions, users, tokens for ingestion", kFirst},
    {"marks of how far somebody has come", kSecond},
    {"removed trackers whose history is still there", kThird},
};

Result<int> VersionOf(PostgresConnection& db) {
  auto found = db.Query("SELECT to_regclass('schema_versions') IS NOT NULL");
  if (!found) return Err(std::move(found.error()));
  if (!found->Bool(0, 0)) return 0;
  auto rows = db.Query("SELECT version::bigint FROM schema_versions WHERE part = 'store'");
  if (!rows) return Err(std::move(rows.error()));
  return rows->size() == 0 ? 0 : static_cast<int>(rows->Int(0, 0));
}

std::string TooNew(const SchemaState& state) {
  return "the tables have version " + std::to_string(state.version) + ", this program knows " +
         std::to_string(state.newest);
}

std::string LockSql(const char* function) {
  return std::string("SELECT ") + function + "(" + std::to_string(kAdvisoryLocks) + ", " +
         std::to_string(kMigrationLock) + ")";
}

/// Within a transaction.
Result<void> RunStep(PostgresConnection& db, int version, const char* sql) {
  auto made = db.Execute(
      "CREATE TABLE IF NOT EXISTS schema_versions(part text PRIMARY KEY, version bigint NOT NULL)");
  if (!made) return made;
  if (auto done = db.Execute(sql); !done) return done;
  auto noted = db.Query(
      "INSERT INTO schema_versions(part, version) VALUES('store', $1) "
      "ON CONFLICT (part) DO UPDATE SET version = excluded.version",
      PgParams().Add(int64_t{version}));
  if (!noted) return Err(std::move(noted.error()));
  return Ok();
}

/// The migration lock of the session, let go at the end.
class MigrationLock {
 public:
  explicit MigrationLock(PostgresConnection& db) : db_(db) {}
  ~MigrationLock() {
    if (held_) (void)db_.Execute(LockSql("pg_advisory_unlock").c_str());
  }
  MigrationLock(const MigrationLock&) = delete;
  MigrationLock& operator=(const MigrationLock&) = delete;

  Result<void> Take() {
    auto taken = db_.Execute(LockSql("pg_advisory_lock").c_str());
    held_ = static_cast<bool>(taken);
    return taken;
  }

 private:
  PostgresConnection& db_;
  bool held_ = false;
};

}  // namespace

std::span<const PostgresStep> PostgresSteps() { return kSteps; }

Result<SchemaState> CheckPostgres(PostgresConnection& db, std::span<const PostgresStep> steps) {
  auto version = VersionOf(db);
  if (!version) return Err(std::move(version.error()));
  SchemaState state;
  state.version = *version;
  state.newest = static_cast<int>(steps.size());
  for (int next = state.version; next < state.newest; ++next) {
    state.missing.emplace_back(steps[static_cast<size_t>(next)].what);
  }
  return state;
}

Result<void> MigratePostgres(PostgresConnection& db, std::span<const PostgresStep> steps,
                             const OnMigrationStep& on_step) {
  // A step may take long; but it must not wait for long, as all others then wait behind it.
  db.SetPatience(PostgresConnection::kForEver);
  if (auto done = db.Execute("SET statement_timeout = 0; SET lock_timeout = '60s'"); !done) {
    return done;
  }
  MigrationLock lock(db);
  if (auto done = lock.Take(); !done) return done;
  auto state = CheckPostgres(db, steps);
  if (!state) return Err(std::move(state.error()));
  if (state->version > state->newest) return Err("too_new", TooNew(*state));
  const auto run = [&](int version) -> Result<void> {
    const PostgresStep& step = steps[static_cast<size_t>(version - 1)];
    if (on_step) on_step(version, step.what);
    return RunStep(db, version, step.sql);
  };
  if (state->version == 0) {
    // Whoever opens a new database meanwhile would take half of the steps for an old schema.
    return InTransaction<void>(db, "BEGIN", [&]() -> Result<void> {
      for (int version = 1; version <= state->newest; ++version) {
        if (auto done = run(version); !done) return done;
      }
      return Ok();
    });
  }
  for (int version = state->version + 1; version <= state->newest; ++version) {
    auto done = InTransaction<void>(db, "BEGIN", [&] { return run(version); });
    if (!done) return done;
  }
  return Ok();
}

Result<void> RequirePostgres(PostgresConnection& db, std::span<const PostgresStep> steps) {
  auto state = CheckPostgres(db, steps);
  if (!state) return Err(std::move(state.error()));
  if (state->version == state->newest) return Ok();
  if (state->version > state->newest) return Err("too_new", TooNew(*state));
  if (state->version == 0) return MigratePostgres(db, steps, {});
  return Err("outdated", "the tables have version " + std::to_string(state->version) +
                             ", this program needs " + std::to_string(state->newest) +
                             ": run `trackwire migrate` with the same configuration");
}

Result<std::unique_ptr<PostgresConnection>> OpenPostgres(const std::string& url) {
  auto target = PostgresTarget::Parse(url);
  if (!target) return Err(std::move(target.error()));
  auto db = PostgresConnection::Open(*target);
  if (!db) return db;
  auto state = CheckPostgres(**db, PostgresSteps());
  if (!state) return Err(std::move(state.error()));
  if (state->version == state->newest) return db;
  if (auto done = RequirePostgres(**db, PostgresSteps()); !done)
    return Err(std::move(done.error()));
  // The one that made the tables has no time-outs.
  return PostgresConnection::Open(std::move(*target));
}

}  // namespace trackwire::store
