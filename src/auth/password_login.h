#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "auth/password.h"
#include "auth/password_pool.h"
#include "auth/user_directory.h"
#include "base/result.h"
#include "base/unique_function.h"

namespace trackwire::auth {

enum class LoginError {
  kBadCredentials,  ///< unknown, disabled or wrong: which of them is not told
  kBusy,            ///< too many try at once
  kUnavailable,     ///< the store or the memory of the machine does not play along
};

/// Finds out whether a name and a password belong together.
///
/// A name that nobody has, or whose account is disabled, takes the same work as a wrong password and
/// gets the same answer. Work is done on the threads of the pool. Any thread.
class PasswordLogin {
 public:
  /// The account as it was let in, and when: a token may be issued as of then.
  struct Admission {
    Account account;
    WallTime at{};
  };
  using Done = UniqueFunction<void(Result<Admission, LoginError>)>;
  /// Asks the store, while nobody can change it, whether `account` is still what it was when its
  /// password was checked, writes `new_hash` there if there is one, and gives out the account as it
  /// is now. Any thread, may answer later and on another.
  using Settle =
      std::function<void(Account account, std::optional<std::string> new_hash, Done done)>;

  /// `directory` outlives it. `cost` is what hashes shall have.
  PasswordLogin(const UserDirectory& directory, const PasswordCost& cost, Settle settle);

  /// Runs `done` once, on any thread, or never when it is destroyed before.
  void Try(std::string user, std::string password, Done done);
  /// The hash of a new password, in the same way.
  using Hashed = UniqueFunction<void(Result<std::string, LoginError>)>;
  void Hash(std::string password, Hashed done);

 private:
  void Check(const std::string& user, std::string& password, Done done) const;

  const UserDirectory& directory_;
  const PasswordCost cost_;
  const Settle settle_;
  PasswordPool pool_;
};

}  // namespace trackwire::auth
