#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace trackwire::auth {

inline constexpr std::string_view kAdminRole = "admin";
/// Allows to put notifications in without being an admin.
inline constexpr std::string_view kPublishPermission = "notifications:publish";

/// Who somebody is, as a verified token said. The default is the anonymous visitor.
///
/// A plain value: copied across threads.
struct Identity {
  bool authenticated = false;
  std::string user;  ///< the token's subject; may be empty
  std::vector<std::string> roles;
  std::vector<std::string> permissions;
  std::vector<std::string> clients;  ///< ids as JSON text: `"acme"` or `7`; sorted, once each
  std::optional<WallTime> issued_at;
  std::optional<WallTime> expires_at;
  std::string token_id;     ///< `jti`, or a digest of a token that has none
  bool from_login = false;  ///< a token of our own login: the account says the rest

  bool HasRole(std::string_view role) const;
  bool HasPermission(std::string_view permission) const;
  bool is_admin() const { return authenticated && HasRole(kAdminRole); }
  bool may_publish() const { return is_admin() || HasPermission(kPublishPermission); }
  /// A name for the same person across tokens: who may take up an earlier connection. People
  /// without a subject are told apart by what they may do.
  std::string Fingerprint() const;
  friend bool operator==(const Identity&, const Identity&) = default;
};

}  // namespace trackwire::auth
