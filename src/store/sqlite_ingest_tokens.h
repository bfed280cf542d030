#pragma once

#include <memory>
#include <string>

#include "base/sqlite.h"
#include "store/ingest_tokens.h"

namespace trackwire::store {

/// Tokens for ingestion in one SQLite file.
class SqliteIngestTokens final : public IngestTokenStore {
 public:
  static Result<std::unique_ptr<IngestTokenStore>> Open(const std::string& path);

  Result<void> Add(const IngestToken& token) override;
  Result<size_t> RemoveOf(const tracking::Id& tracker) override;
  Result<std::vector<IngestToken>> All() override;

 private:
  explicit SqliteIngestTokens(std::unique_ptr<base::SqliteDb> db) : db_(std::move(db)) {}

  std::unique_ptr<base::SqliteDb> db_;
};

}  // namespace trackwire::store
