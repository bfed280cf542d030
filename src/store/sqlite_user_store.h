#pragma once

#include <memory>
#include <string>

#include "base/sqlite.h"
#include "store/user_store.h"

namespace trackwire::store {

/// Users in one SQLite file.
class SqliteUserStore final : public UserStore {
 public:
  static Result<std::unique_ptr<UserStore>> Open(const std::string& path);

  Result<void> Add(const User& user) override;
  Result<User> Change(std::string_view name, const Edit& edit) override;
  Result<User> Remove(std::string_view name) override;
  Result<User> Find(std::string_view name) override;
  Result<std::vector<User>> Users() override;

 private:
  explicit SqliteUserStore(std::unique_ptr<base::SqliteDb> db) : db_(std::move(db)) {}
  /// Writes the row by `verb` and raises the revision.
  Result<void> Write(const char* verb, const User& user);

  std::unique_ptr<base::SqliteDb> db_;
};

}  // namespace trackwire::store
