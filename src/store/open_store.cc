#include "store/postgres_history.h"
#include "store/postgres_ingest_tokens.h"
#include "store/postgres_revisions.h"
#include "store/postgres_store.h"
#include "store/postgres_user_store.h"
#include "store/sqlite_history.h"
#include "store/sqlite_ingest_tokens.h"
#include "store/sqlite_revisions.h"
#include "store/sqlite_store.h"
#include "store/sqlite_user_store.h"
#include "store/store_url.h"

namespace trackwire::store {
namespace {

/// Opens what implements an interface for the kind of database that `url` names.
template <typename Sqlite, typename Postgres>
auto Open(const std::string& url) -> decltype(Sqlite::Open(url)) {
  if (IsPostgresUrl(url)) return Postgres::Open(url);
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return Sqlite::Open(*path);
}

}  // namespace

Result<std::unique_ptr<Store>> OpenStore(const std::string& url) {
  return Open<SqliteStore, PostgresStore>(url);
}

Result<std::unique_ptr<UserStore>> OpenUserStore(const std::string& url) {
  return Open<SqliteUserStore, PostgresUserStore>(url);
}

Result<std::unique_ptr<HistoryReader>> OpenHistory(const std::string& url) {
  return Open<SqliteHistory, PostgresHistory>(url);
}

Result<std::unique_ptr<IngestTokenStore>> OpenIngestTokens(const std::string& url) {
  return Open<SqliteIngestTokens, PostgresIngestTokens>(url);
}

Result<std::unique_ptr<RevisionReader>> OpenRevisions(const std::string& url) {
  return Open<SqliteRevisions, PostgresRevisions>(url);
}

}  // namespace trackwire::store
