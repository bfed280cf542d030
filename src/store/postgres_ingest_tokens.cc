#include "store/postgres_ingest_tokens.h"

#include <utility>

#include "store/postgres_revisions.h"
#include "store/postgres_schema.h"
#include "store/tracker_columns.h"

namespace trackwire::store {

Result<std::unique_ptr<IngestTokenStore>> PostgresIngestTokens::Open(const std::string& url) {
  auto db = OpenPostgres(url);
  if (!db) return Err(std::move(db.error()));
  return std::unique_ptr<IngestTokenStore>(new PostgresIngestTokens(std::move(*db)));
}

Result<void> PostgresIngestTokens::Add(const IngestToken& token) {
  return InTransaction<void>(*db_, "BEGIN", [&]() -> Result<void> {
    // The tracker stays until the token is there.
    auto found = db_->Query("SELECT no FROM trackers WHERE id = $1 FOR KEY SHARE",
                            PgParams().Add(token.tracker.ToJson()));
    if (!found) return Err(std::move(found.error()));
    if (found->size() == 0) {
      return Err("unknown_tracker", "there is no tracker " + token.tracker.ToJson());
    }
    PgParams params;
    params.Add(token.digest).Add(found->Int(0, 0)).Add(ToMillis(token.created_at));
    auto added = db_->Query(
        "INSERT INTO ingest_tokens(digest, tracker, created_at) VALUES($1, $2, $3) "
        "ON CONFLICT DO NOTHING",
        params);
    if (!added) return Err(std::move(added.error()));
    if (added->changed() == 0) return Err("exists", "this token is there already");
    return BumpRevision(*db_, kTrackersPart);
  });
}

Result<size_t> PostgresIngestTokens::RemoveOf(const tracking::Id& tracker) {
  return InTransaction<size_t>(*db_, "BEGIN", [&]() -> Result<size_t> {
    auto removed = db_->Query(
        "DELETE FROM ingest_tokens WHERE tracker = (SELECT no FROM trackers WHERE id = $1)",
        PgParams().Add(tracker.ToJson()));
    if (!removed) return Err(std::move(removed.error()));
    if (auto done = BumpRevision(*db_, kTrackersPart); !done) return Err(std::move(done.error()));
    return static_cast<size_t>(removed->changed());
  });
}

Result<std::vector<IngestToken>> PostgresIngestTokens::All() {
  auto rows = db_->Query(
      "SELECT i.digest, t.id, i.created_at FROM ingest_tokens i JOIN trackers t ON t.no = "
      "i.tracker "
      "ORDER BY i.created_at, i.digest");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<IngestToken> tokens;
  for (int i = 0; i < rows->size(); ++i) {
    auto id = tracking::Id::FromJson(rows->Text(i, 1));
    if (!id) return Err("corrupt", "a tracker's id cannot be read");
    tokens.push_back({std::string(rows->Text(i, 0)), std::move(*id), FromMillis(rows->Int(i, 2))});
  }
  return tokens;
}

}  // namespace trackwire::store
