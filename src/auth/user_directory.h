#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "auth/password.h"
#include "auth/token_error.h"
#include "base/clock.h"

namespace trackwire::auth {

/// What is known of somebody who may sign in.
struct Account {
  std::string name;           ///< as shown; told apart without regard to capitals
  std::string password_hash;  ///< in PHC string form
  std::vector<std::string> roles;
  std::vector<std::string> clients;  ///< ids as JSON text: `"acme"` or `7`
  std::vector<std::string> permissions;
  bool disabled = false;
  /// Tokens that were issued before count no longer.
  WallTime tokens_valid_from{};
};

/// The accounts of a deployment as they are now, in memory: what every token of our own login is
/// checked against. Whoever knows the store replaces them all when one has changed. Any thread.
class UserDirectory {
 public:
  /// Gets the names of the accounts that were added, removed, or may do other things than before.
  using Handler = std::function<void(const std::vector<std::string>& users)>;

  UserDirectory();

  /// Takes over `accounts`, then tells the handlers, on the calling thread, and the audit log: one
  /// line for each account that changed, but for the first load. One thread at a time.
  void Replace(std::vector<Account> accounts);
  /// Before the second Replace(). A changed password counts; a hash made anew of the same does not.
  void OnChanged(Handler handler);

  /// The account of that name, be it disabled; nullptr when there is none.
  std::shared_ptr<const Account> Find(std::string_view name) const;
  size_t size() const;

  /// For TokenVerifier::AddCheck(): a token of our own login says only who somebody is; name and
  /// rights are taken from the account as it is now. Leaves others' tokens alone.
  std::optional<TokenError> Check(Identity& identity) const;

  /// A hash to check the password of an unknown `name` against, so that it takes no other time than
  /// a known one: as costly as that of some account, for the same name always the same one; without
  /// any account, of `cost`.
  std::string DecoyFor(std::string_view name, const PasswordCost& cost) const;

 private:
  using Accounts = std::map<std::string, std::shared_ptr<const Account>>;  ///< by folded name

  std::shared_ptr<const Accounts> Current() const;

  mutable std::mutex mutex_;  // guards the pointer alone: taken once a token, never for long
  std::shared_ptr<const Accounts> accounts_;
  bool loaded_ = false;
  const std::string decoy_key_;
  std::vector<Handler> handlers_;
};

/// Who a token of `account` makes its bearer.
Identity IdentityOf(const Account& account);

}  // namespace trackwire::auth
