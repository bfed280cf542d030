#include "store/sqlite_ingest_tokens.h"

#include <utility>

#include "store/sqlite_registry.h"
#include "store/sqlite_revisions.h"
#include "store/sqlite_schema.h"
#include "store/tracker_columns.h"

namespace trackwire::store {

using base::SqliteTransaction;

Result<std::unique_ptr<IngestTokenStore>> SqliteIngestTokens::Open(const std::string& path) {
  // A token that was taken back must stay so when the machine loses its power.
  base::SqliteDb::Options options;
  options.sync_full = true;
  auto db = base::SqliteDb::Open(path, options);
  if (!db) return Err(std::move(db.error()));
  if (auto done = (*db)->Migrate("store", kSqliteSchema); !done) {
    return Err(std::move(done.error()));
  }
  return std::unique_ptr<IngestTokenStore>(new SqliteIngestTokens(std::move(*db)));
}

Result<void> SqliteIngestTokens::Add(const IngestToken& token) {
  auto transaction = SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  auto select = db_->Prepare(kSelectNumber);
  if (!select) return Err(std::move(select.error()));
  auto number = NumberOf(*select, token.tracker);
  if (!number) return Err(std::move(number.error()));
  if (!*number) return Err("unknown_tracker", "there is no tracker " + token.tracker.ToJson());
  auto insert = db_->Prepare(
      "INSERT OR IGNORE INTO ingest_tokens(digest, tracker, created_at) VALUES(?, ?, ?)");
  if (!insert) return Err(std::move(insert.error()));
  insert->Bind(1, std::string_view(token.digest)).Bind(2, **number);
  if (auto done = insert->Bind(3, ToMillis(token.created_at)).Run(); !done) return done;
  if (db_->changes() == 0) return Err("exists", "this token is there already");
  if (auto done = BumpRevision(*db_, kTrackersPart); !done) return done;
  return transaction->Commit();
}

Result<size_t> SqliteIngestTokens::RemoveOf(const tracking::Id& tracker) {
  auto transaction = SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  auto remove = db_->Prepare(
      "DELETE FROM ingest_tokens WHERE tracker = (SELECT no FROM trackers WHERE id = ?)");
  if (!remove) return Err(std::move(remove.error()));
  const std::string key = tracker.ToJson();
  if (auto done = remove->Bind(1, std::string_view(key)).Run(); !done) {
    return Err(std::move(done.error()));
  }
  const auto count = static_cast<size_t>(db_->changes());
  if (auto done = BumpRevision(*db_, kTrackersPart); !done) return Err(std::move(done.error()));
  if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  return count;
}

Result<std::vector<IngestToken>> SqliteIngestTokens::All() {
  auto rows = db_->Prepare(
      "SELECT i.digest, t.id, i.created_at FROM ingest_tokens i JOIN trackers t ON t.no = "
      "i.tracker "
      "ORDER BY i.created_at, i.digest");
  if (!rows) return Err(std::move(rows.error()));
  std::vector<IngestToken> tokens;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return tokens;
    auto id = tracking::Id::FromJson(rows->Text(1));
    if (!id) return Err("corrupt", "a tracker's id cannot be read");
    tokens.push_back({std::string(rows->Text(0)), std::move(*id), FromMillis(rows->Int(2))});
  }
}

}  // namespace trackwire::store
