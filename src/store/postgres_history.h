#pragma once

#include <memory>
#include <string>

#include "store/history.h"
#include "store/postgres_connection.h"

namespace trackwire::store {

/// Histories in a PostgreSQL database.
class PostgresHistory final : public HistoryReader {
 public:
  static Result<std::unique_ptr<HistoryReader>> Open(const std::string& url);
  Result<std::vector<tracking::Position>> Read(const HistoryQuery& query) override;

 private:
  explicit PostgresHistory(std::unique_ptr<PostgresConnection> db) : db_(std::move(db)) {}

  std::unique_ptr<PostgresConnection> db_;
};

}  // namespace trackwire::store
