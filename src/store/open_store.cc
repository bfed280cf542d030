#include "store/sqlite_history.h"
#include "store/sqlite_ingest_tokens.h"
#include "store/sqlite_revisions.h"
#include "store/sqlite_store.h"
#include "store/sqlite_user_store.h"

namespace trackwire::store {
namespace {

/// The path of the file that `url` names.
Result<std::string> SqlitePath(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!std::string_view(url).starts_with(kScheme)) {
    return Err("bad_url", "database.url must be sqlite:///absolute/path or sqlite:relative.db");
  }
  std::string path = url.substr(kScheme.size());
  if (path.starts_with("//")) path.erase(0, 2);
  const bool has_host = url.starts_with("sqlite://") && !path.starts_with("/");
  if (path.empty() || has_host || path.find('\0') != std::string::npos) {
    return Err("bad_url", "database.url names no file: " + url);
  }
  return path;
}

}  // namespace

Result<std::unique_ptr<Store>> OpenStore(const std::string& url) {
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return SqliteStore::Open(*path);
}

Result<std::unique_ptr<UserStore>> OpenUserStore(const std::string& url) {
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return SqliteUserStore::Open(*path);
}

Result<std::unique_ptr<HistoryReader>> OpenHistory(const std::string& url) {
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return SqliteHistory::Open(*path);
}

Result<std::unique_ptr<IngestTokenStore>> OpenIngestTokens(const std::string& url) {
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return SqliteIngestTokens::Open(*path);
}

Result<std::unique_ptr<RevisionReader>> OpenRevisions(const std::string& url) {
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return SqliteRevisions::Open(*path);
}

}  // namespace trackwire::store
