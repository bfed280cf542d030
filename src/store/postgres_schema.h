#pragma once

#include <span>

#include "store/migration.h"
#include "store/postgres_connection.h"

namespace trackwire::store {

/// One step of the schema, in one transaction.
struct PostgresStep {
  const char* what;
  const char* sql;
};

/// The steps in order: what is released is never changed, only added to. What the columns hold is
/// said in sqlite_schema.h.
std::span<const PostgresStep> PostgresSteps();

/// How far the schema is, as CheckSchema().
Result<SchemaState> CheckPostgres(PostgresConnection& db, std::span<const PostgresStep> steps);
/// As MigrateStore(). Only one process at a time does it.
Result<void> MigratePostgres(PostgresConnection& db, std::span<const PostgresStep> steps,
                             const OnMigrationStep& on_step);
/// Makes the schema in an empty database; errors `too_new` and `outdated` when it is another than
/// that of `steps`.
Result<void> RequirePostgres(PostgresConnection& db, std::span<const PostgresStep> steps);

/// A connection to the store at `url`, whose schema is as this program needs it. Errors: as
/// OpenStore().
Result<std::unique_ptr<PostgresConnection>> OpenPostgres(const std::string& url);

/// Locks of the database by number, given as pg_advisory_xact_lock(kLocks, number).
inline constexpr int kAdvisoryLocks = 0x74776c;
inline constexpr int kMigrationLock = 1;
/// Shared by those who write for trackers, held alone by who removes one: nothing is written for a
/// tracker that is gone.
inline constexpr int kTrackersLock = 2;

}  // namespace trackwire::store
