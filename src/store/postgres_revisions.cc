#include "store/postgres_revisions.h"

#include <utility>

#include "store/postgres_schema.h"

namespace trackwire::store {

Result<void> BumpRevision(PostgresConnection& db, std::string_view part) {
  auto done =
      db.Query("UPDATE revisions SET number = number + 1 WHERE part = $1", PgParams().Add(part));
  if (!done) return Err(std::move(done.error()));
  return Ok();
}

Result<std::unique_ptr<RevisionReader>> PostgresRevisions::Open(const std::string& url) {
  auto db = OpenPostgres(url);
  if (!db) return Err(std::move(db.error()));
  return std::unique_ptr<RevisionReader>(new PostgresRevisions(std::move(*db)));
}

Result<Revisions> PostgresRevisions::Read() {
  auto rows = db_->Query("SELECT part, number FROM revisions");
  if (!rows) return Err(std::move(rows.error()));
  Revisions revisions;
  for (int i = 0; i < rows->size(); ++i) {
    const auto number = static_cast<uint64_t>(rows->Int(i, 1));
    if (rows->Text(i, 0) == kUsersPart) revisions.users = number;
    if (rows->Text(i, 0) == kTrackersPart) revisions.trackers = number;
  }
  return revisions;
}

}  // namespace trackwire::store
