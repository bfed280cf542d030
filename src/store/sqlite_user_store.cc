#include "store/sqlite_user_store.h"

#include <optional>
#include <utility>

#include "base/fold_case.h"
#include "store/sqlite_revisions.h"
#include "store/sqlite_schema.h"
#include "store/user_lists.h"

namespace trackwire::store {
namespace {

using base::SqliteStatement;

constexpr const char* kColumns =
    "name, password_hash, roles, clients, permissions, disabled, tokens_valid_from, created_at, "
    "changed_at";

std::string InsertSql(const char* verb) {
  return std::string(verb) + " INTO users(folded_name, " + kColumns +
         ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
}

std::string SelectSql(const char* rest) {
  return std::string("SELECT ") + kColumns + " FROM users " + rest;
}

WallTime TimeOf(const SqliteStatement& row, int column) {
  return WallTime(std::chrono::milliseconds(row.Int(column)));
}

Result<User> ReadUser(const SqliteStatement& row) {
  User user;
  user.name = row.Text(0);
  user.password_hash = row.Text(1);
  auto read = ReadRights(row.Text(2), row.Text(3), row.Text(4), user);
  if (!read) return Err(std::move(read.error()));
  user.disabled = row.Int(5) != 0;
  user.tokens_valid_from = TimeOf(row, 6);
  user.created_at = TimeOf(row, 7);
  user.changed_at = TimeOf(row, 8);
  return user;
}

Unexpected<Error> NotFound(std::string_view name) {
  return Err("not_found", "there is no user " + std::string(name));
}

}  // namespace

Result<std::unique_ptr<UserStore>> SqliteUserStore::Open(const std::string& path) {
  // An account that was switched off must stay so when the machine loses its power.
  base::SqliteDb::Options options;
  options.sync_full = true;
  auto db = base::SqliteDb::Open(path, options);
  if (!db) return Err(std::move(db.error()));
  if (auto done = (*db)->Migrate("store", kSqliteSchema); !done) {
    return Err(std::move(done.error()));
  }
  return std::unique_ptr<UserStore>(new SqliteUserStore(std::move(*db)));
}

Result<void> SqliteUserStore::Write(const char* verb, const User& user) {
  auto statement = db_->Prepare(InsertSql(verb));
  if (!statement) return Err(std::move(statement.error()));
  const std::string folded = base::FoldCase(user.name);
  const std::string roles = TextsJson(user.roles);
  const std::string clients = IdsJson(user.clients);
  const std::string permissions = TextsJson(user.permissions);
  statement->Bind(1, std::string_view(folded)).Bind(2, std::string_view(user.name));
  statement->Bind(3, std::string_view(user.password_hash)).Bind(4, std::string_view(roles));
  statement->Bind(5, std::string_view(clients)).Bind(6, std::string_view(permissions));
  statement->Bind(7, static_cast<int64_t>(user.disabled));
  statement->Bind(8, user.tokens_valid_from.time_since_epoch().count());
  statement->Bind(9, user.created_at.time_since_epoch().count());
  statement->Bind(10, user.changed_at.time_since_epoch().count());
  if (auto done = statement->Run(); !done) return done;
  return BumpRevision(*db_, kUsersPart);
}

Result<void> SqliteUserStore::Add(const User& user) {
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  auto found = Find(user.name);
  if (found) return Err("exists", "there is a user " + found->name + " already");
  if (found.error().code != "not_found") return Err(std::move(found.error()));
  if (auto done = Write("INSERT", user); !done) return done;
  return transaction->Commit();
}

Result<User> SqliteUserStore::Change(std::string_view name, const Edit& edit) {
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  auto user = Find(name);
  if (!user) return user;
  User changed = *user;
  if (!edit(changed)) return user;
  changed.name = user->name;
  if (auto done = Write("INSERT OR REPLACE", changed); !done) return Err(std::move(done.error()));
  if (auto done = transaction->Commit(); !done) return Err(std::move(done.error()));
  return changed;
}

Result<User> SqliteUserStore::Remove(std::string_view name) {
  auto transaction = base::SqliteTransaction::Begin(*db_);
  if (!transaction) return Err(std::move(transaction.error()));
  auto user = Find(name);
  if (!user) return user;
  auto statement = db_->Prepare("DELETE FROM users WHERE folded_name = ?");
  if (!statement) return Err(std::move(statement.error()));
  const std::string folded = base::FoldCase(name);
  auto done = statement->Bind(1, std::string_view(folded)).Run();
  if (done) done = BumpRevision(*db_, kUsersPart);
  if (done) done = transaction->Commit();
  if (!done) return Err(std::move(done.error()));
  return user;
}

Result<User> SqliteUserStore::Find(std::string_view name) {
  auto rows = db_->Prepare(SelectSql("WHERE folded_name = ?"));
  if (!rows) return Err(std::move(rows.error()));
  const std::string folded = base::FoldCase(name);
  auto row = rows->Bind(1, std::string_view(folded)).Step();
  if (!row) return Err(std::move(row.error()));
  if (!*row) return NotFound(name);
  return ReadUser(*rows);
}

Result<std::vector<User>> SqliteUserStore::Users() {
  auto rows = db_->Prepare(SelectSql("ORDER BY folded_name"));
  if (!rows) return Err(std::move(rows.error()));
  std::vector<User> users;
  for (;;) {
    auto row = rows->Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return users;
    auto user = ReadUser(*rows);
    if (!user) return Err(std::move(user.error()));
    users.push_back(std::move(*user));
  }
}

}  // namespace trackwire::store
