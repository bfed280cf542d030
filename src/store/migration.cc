#include "store/migration.h"

#include <filesystem>
#include <utility>

#include "base/sqlite.h"
#include "store/postgres_schema.h"
#include "store/sqlite_schema.h"
#include "store/store_url.h"

namespace trackwire::store {
namespace {

constexpr const char* kPart = "store";

Result<SchemaState> CheckSqlite(const std::string& path) {
  SchemaState state;
  state.newest = static_cast<int>(kSqliteSchema.size());
  std::error_code ignored;
  if (path != ":memory:" && std::filesystem::exists(path, ignored)) {
    base::SqliteDb::Options options;
    options.read_only = true;
    auto db = base::SqliteDb::Open(path, options);
    if (!db) return Err(std::move(db.error()));
    auto version = (*db)->SchemaVersion(kPart);
    if (!version) return Err(std::move(version.error()));
    state.version = *version;
  }
  for (int next = state.version; next < state.newest; ++next) {
    state.missing.emplace_back(kSqliteSteps[static_cast<size_t>(next)]);
  }
  return state;
}

Result<void> MigrateSqlite(const std::string& path, const OnMigrationStep& on_step) {
  auto db = base::SqliteDb::Open(path, {});
  if (!db) return Err(std::move(db.error()));
  return (*db)->Migrate(kPart, kSqliteSchema, [&on_step](int version) {
    if (on_step) on_step(version, kSqliteSteps[static_cast<size_t>(version - 1)]);
  });
}

Result<std::unique_ptr<PostgresConnection>> Connect(const std::string& url) {
  auto target = PostgresTarget::Parse(url);
  if (!target) return Err(std::move(target.error()));
  return PostgresConnection::Open(std::move(*target));
}

}  // namespace

Result<SchemaState> CheckSchema(const std::string& url) {
  if (IsPostgresUrl(url)) {
    auto db = Connect(url);
    if (!db) return Err(std::move(db.error()));
    return CheckPostgres(**db, PostgresSteps());
  }
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return CheckSqlite(*path);
}

Result<void> MigrateStore(const std::string& url, const OnMigrationStep& on_step) {
  if (IsPostgresUrl(url)) {
    auto db = Connect(url);
    if (!db) return Err(std::move(db.error()));
    return MigratePostgres(**db, PostgresSteps(), on_step);
  }
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return MigrateSqlite(*path, on_step);
}

}  // namespace trackwire::store
