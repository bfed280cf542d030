#include "store/sqlite_revisions.h"

#include <utility>

#include "store/sqlite_schema.h"

namespace trackwire::store {

Result<void> BumpRevision(base::SqliteDb& db, std::string_view part) {
  auto statement = db.Prepare("UPDATE revisions SET number = number + 1 WHERE part = ?");
  if (!statement) return Err(std::move(statement.error()));
  return statement->Bind(1, part).Run();
}

SqliteRevisions::SqliteRevisions(std::unique_ptr<base::SqliteDb> db, base::SqliteStatement select)
    : db_(std::move(db)), select_(std::move(select)) {}

Result<std::unique_ptr<RevisionReader>> SqliteRevisions::Open(const std::string& path) {
  auto db = base::SqliteDb::Open(path, {});
  if (!db) return Err(std::move(db.error()));
  if (auto done = (*db)->Migrate("store", kSqliteSchema); !done) {
    return Err(std::move(done.error()));
  }
  auto select = (*db)->Prepare("SELECT part, number FROM revisions");
  if (!select) return Err(std::move(select.error()));
  return std::unique_ptr<RevisionReader>(new SqliteRevisions(std::move(*db), std::move(*select)));
}

Result<Revisions> SqliteRevisions::Read() {
  Revisions revisions;
  for (;;) {
    auto row = select_.Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return revisions;
    const auto number = static_cast<uint64_t>(select_.Int(1));
    if (select_.Text(0) == kUsersPart) revisions.users = number;
    if (select_.Text(0) == kTrackersPart) revisions.trackers = number;
  }
}

}  // namespace trackwire::store
