#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace trackwire::api {

/// Somebody who may sign in, as administrators see them.
struct UserInfo {
  std::string name;
  std::vector<std::string> roles;
  std::vector<std::string> clients;  ///< ids as JSON text: `"acme"` or `7`
  std::vector<std::string> permissions;
  bool disabled = false;
  WallTime created_at{};
  WallTime changed_at{};
};

/// What shall be other; absent: it stays as it is.
struct UserEdit {
  std::optional<std::string> password;  ///< in clear; wiped once it is hashed
  std::optional<std::vector<std::string>> roles;
  std::optional<std::vector<std::string>> clients;
  std::optional<std::vector<std::string>> permissions;
  std::optional<bool> disabled;
};

/// What administrators do to users.
///
/// Any thread; `done` on any, once this gateway decides by the new state; others follow soon. Errors:
/// `exists`, `not_found`, `invalid` (the detail says what), `busy` (too many passwords are being
/// hashed), `unavailable`.
class UserAdmin {
 public:
  template <typename T>
  using Done = std::function<void(Result<T>)>;

  virtual ~UserAdmin() = default;
  /// At most `limit` whose name, capitals aside, comes after `after`; by that.
  virtual void List(std::string after, size_t limit, Done<std::vector<UserInfo>> done) = 0;
  /// With a password; what `rights` leaves out is empty.
  virtual void Create(std::string name, UserEdit rights, Done<UserInfo> done) = 0;
  /// A new password, and being disabled, end all tokens of the user.
  virtual void Edit(std::string name, UserEdit edit, Done<UserInfo> done) = 0;
  /// Ends all tokens of the user, too; returns the name as it was written.
  virtual void Remove(std::string name, Done<std::string> done) = 0;
};

}  // namespace trackwire::api
