#pragma once

#include "api/user_admin.h"
#include "auth/password_login.h"
#include "base/clock.h"
#include "gateway/accounts.h"

namespace trackwire::gateway {

/// Administers the users of the store. Passwords are hashed where they are checked, the store is used
/// on its own thread.
class AccountAdmin final : public api::UserAdmin {
 public:
  /// All outlive it.
  AccountAdmin(Accounts& accounts, auth::PasswordLogin& login, const Clock& clock);

  void List(std::string after, size_t limit, Done<std::vector<api::UserInfo>> done) override;
  void Create(std::string name, api::UserEdit rights, Done<api::UserInfo> done) override;
  void Edit(std::string name, api::UserEdit edit, Done<api::UserInfo> done) override;
  void Remove(std::string name, Done<std::string> done) override;

 private:
  using Change = std::function<Result<store::User>(store::UserStore&)>;
  /// Runs `change` on the store's thread; `done` hears of it when the directory is up to date.
  void Run(Change change, Done<api::UserInfo> done);
  /// Replaces the password of `edit` by its hash, unless there is none, then goes on.
  void Hash(api::UserEdit edit, std::function<void(Result<api::UserEdit>)> then);

  Accounts& accounts_;
  auth::PasswordLogin& login_;
  const Clock& clock_;
};

}  // namespace trackwire::gateway
