#pragma once

#include <memory>
#include <string>

#include "store/ingest_tokens.h"
#include "store/postgres_connection.h"

namespace trackwire::store {

/// Tokens for ingestion in a PostgreSQL database.
class PostgresIngestTokens final : public IngestTokenStore {
 public:
  static Result<std::unique_ptr<IngestTokenStore>> Open(const std::string& url);

  Result<void> Add(const IngestToken& token) override;
  Result<size_t> RemoveOf(const tracking::Id& tracker) override;
  Result<std::vector<IngestToken>> All() override;

 private:
  explicit PostgresIngestTokens(std::unique_ptr<PostgresConnection> db) : db_(std::move(db)) {}

  std::unique_ptr<PostgresConnection> db_;
};

}  // namespace trackwire::store
