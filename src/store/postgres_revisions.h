#pragma once

#include <memory>
#include <string>

#include "store/postgres_connection.h"
#include "store/revisions.h"

namespace trackwire::store {

/// Says that `part` (kUsersPart, kTrackersPart) changes, within the transaction that changes it and
/// as its last step: whoever else changes it waits for that.
Result<void> BumpRevision(PostgresConnection& db, std::string_view part);

/// Revisions in a PostgreSQL database.
class PostgresRevisions final : public RevisionReader {
 public:
  static Result<std::unique_ptr<RevisionReader>> Open(const std::string& url);
  Result<Revisions> Read() override;

 private:
  explicit PostgresRevisions(std::unique_ptr<PostgresConnection> db) : db_(std::move(db)) {}

  std::unique_ptr<PostgresConnection> db_;
};

}  // namespace trackwire::store
