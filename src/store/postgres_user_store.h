#pragma once

#include <memory>
#include <string>

#include "store/postgres_connection.h"
#include "store/user_store.h"

namespace trackwire::store {

/// Users in a PostgreSQL database.
class PostgresUserStore final : public UserStore {
 public:
  static Result<std::unique_ptr<UserStore>> Open(const std::string& url);

  Result<void> Add(const User& user) override;
  Result<User> Change(std::string_view name, const Edit& edit) override;
  Result<User> Remove(std::string_view name) override;
  Result<User> Find(std::string_view name) override;
  Result<std::vector<User>> Users() override;

 private:
  explicit PostgresUserStore(std::unique_ptr<PostgresConnection> db) : db_(std::move(db)) {}
  Result<User> FindBy(const char* sql, std::string_view name);

  std::unique_ptr<PostgresConnection> db_;
};

}  // namespace trackwire::store
