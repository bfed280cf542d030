#include "store/postgres_user_store.h"

#include <utility>

#include "base/fold_case.h"
#include "store/postgres_revisions.h"
#include "store/postgres_schema.h"
#include "store/tracker_columns.h"
#include "store/user_lists.h"

namespace trackwire::store {
namespace {

#define TRACKWIRE_USER_COLUMNS                                                                  \
  "name, password_hash, roles, clients, permissions, disabled, tokens_valid_from, created_at, " \
  "changed_at"

constexpr const char* kInsert =
    "INSERT INTO users(folded_name, " TRACKWIRE_USER_COLUMNS
    ") VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
constexpr const char* kUpdate = "UPDATE users SET (" TRACKWIRE_USER_COLUMNS
                                ") = ($2, $3, $4, $5, $6, $7, $8, $9, $10) WHERE folded_name = $1";
constexpr const char* kFind = "SELECT " TRACKWIRE_USER_COLUMNS " FROM users WHERE folded_name = $1";
constexpr const char* kLock =
    "SELECT " TRACKWIRE_USER_COLUMNS " FROM users WHERE folded_name = $1 FOR UPDATE";
constexpr const char* kDelete = "DELETE FROM users WHERE folded_name = $1";
constexpr const char* kAll = "SELECT " TRACKWIRE_USER_COLUMNS " FROM users ORDER BY folded_name";

#undef TRACKWIRE_USER_COLUMNS

Result<User> ReadUser(const PgRows& rows, int row) {
  User user;
  user.name = rows.Text(row, 0);
  user.password_hash = rows.Text(row, 1);
  auto read = ReadRights(rows.Text(row, 2), rows.Text(row, 3), rows.Text(row, 4), user);
  if (!read) return Err(std::move(read.error()));
  user.disabled = rows.Bool(row, 5);
  user.tokens_valid_from = FromMillis(rows.Int(row, 6));
  user.created_at = FromMillis(rows.Int(row, 7));
  user.changed_at = FromMillis(rows.Int(row, 8));
  return user;
}

PgParams ParamsOf(const User& user) {
  PgParams params;
  params.Add(base::FoldCase(user.name)).Add(user.name).Add(user.password_hash);
  params.Add(TextsJson(user.roles)).Add(IdsJson(user.clients)).Add(TextsJson(user.permissions));
  params.Add(user.disabled).Add(ToMillis(user.tokens_valid_from));
  params.Add(ToMillis(user.created_at)).Add(ToMillis(user.changed_at));
  return params;
}

}  // namespace

Result<std::unique_ptr<UserStore>> PostgresUserStore::Open(const std::string& url) {
  auto db = OpenPostgres(url);
  if (!db) return Err(std::move(db.error()));
  return std::unique_ptr<UserStore>(new PostgresUserStore(std::move(*db)));
}

Result<void> PostgresUserStore::Add(const User& user) {
  return InTransaction<void>(*db_, "BEGIN", [&]() -> Result<void> {
    auto added = db_->Query(kInsert, ParamsOf(user));
    if (!added) return Err(std::move(added.error()));
    if (added->changed() == 0) {
      auto found = Find(user.name);
      return Err("exists", "there is a user " + (found ? found->name : user.name) + " already");
    }
    return BumpRevision(*db_, kUsersPart);
  });
}

Result<User> PostgresUserStore::Change(std::string_view name, const Edit& edit) {
  return InTransaction<User>(*db_, "BEGIN", [&]() -> Result<User> {
    auto user = FindBy(kLock, name);
    if (!user) return user;
    User changed = *user;
    if (!edit(changed)) return user;
    changed.name = user->name;
    auto written = db_->Query(kUpdate, ParamsOf(changed));
    if (!written) return Err(std::move(written.error()));
    if (auto done = BumpRevision(*db_, kUsersPart); !done) return Err(std::move(done.error()));
    return changed;
  });
}

Result<User> PostgresUserStore::Remove(std::string_view name) {
  return InTransaction<User>(*db_, "BEGIN", [&]() -> Result<User> {
    auto user = FindBy(kLock, name);
    if (!user) return user;
    auto gone = db_->Query(kDelete, PgParams().Add(base::FoldCase(name)));
    if (!gone) return Err(std::move(gone.error()));
    if (auto done = BumpRevision(*db_, kUsersPart); !done) return Err(std::move(done.error()));
    return user;
  });
}

Result<User> PostgresUserStore::FindBy(const char* sql, std::string_view name) {
  auto rows = db_->Query(sql, PgParams().Add(base::FoldCase(name)));
  if (!rows) return Err(std::move(rows.error()));
  if (rows->size() == 0) return Err("not_found", "there is no user " + std::string(name));
  return ReadUser(*rows, 0);
}

Result<User> PostgresUserStore::Find(std::string_view name) { return FindBy(kFind, name); }

Result<std::vector<User>> PostgresUserStore::Users() {
  auto rows = db_->Query(kAll);
  if (!rows) return Err(std::move(rows.error()));
  std::vector<User> users;
  for (int i = 0; i < rows->size(); ++i) {
    auto user = ReadUser(*rows, i);
    if (!user) return Err(std::move(user.error()));
    users.push_back(std::move(*user));
  }
  return users;
}

}  // namespace trackwire::store
