#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace trackwire::store {

/// Somebody who may sign in.
struct User {
  std::string name;           ///< as it was given
  std::string password_hash;  ///< in PHC string form
  std::vector<std::string> roles;
  std::vector<std::string> clients;  ///< ids as JSON text: `"acme"` or `7`
  std::vector<std::string> permissions;
  bool disabled = false;
  /// Tokens that were issued before count no longer.
  WallTime tokens_valid_from{};
  WallTime created_at{};
  WallTime changed_at{};
};

/// The users of a deployment. Blocking; used from one worker thread at a time, never from a loop
/// that serves clients. Each change raises the revision of users in the same transaction.
///
/// Names are told apart without regard to capitals (base::FoldCase). Errors: as Store, and `exists`
/// and `not_found` for a name.
class UserStore {
 public:
  /// Changes a user in place, all but the name; false leaves all as it was.
  using Edit = std::function<bool(User&)>;

  virtual ~UserStore() = default;
  virtual Result<void> Add(const User& user) = 0;
  /// Calls `edit` with the user of that name while nobody else can change it, and keeps what it
  /// made; returns the user as it is then. Whoever reads the clock in there orders its changes.
  /// Called again when the database broke off the first attempt for the sake of another change.
  virtual Result<User> Change(std::string_view name, const Edit& edit) = 0;
  /// Returns the user as it was.
  virtual Result<User> Remove(std::string_view name) = 0;
  virtual Result<User> Find(std::string_view name) = 0;
  /// All, by name.
  virtual Result<std::vector<User>> Users() = 0;
};

/// Opens the users of the store at `url`, as OpenStore() takes it, and brings its schema up to
/// date.
Result<std::unique_ptr<UserStore>> OpenUserStore(const std::string& url);

}  // namespace trackwire::store
