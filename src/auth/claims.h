#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "auth/token_error.h"
#include "base/clock.h"
#include "base/json_scanner.h"
#include "base/result.h"

namespace trackwire::auth {

/// Where a claim stands: a member of that very name, else, as `realm_access.roles`, a member of a
/// member. Immutable.
class ClaimPath {
 public:
  static constexpr size_t kMaxSteps = 8;

  /// Not empty, no empty step, at most kMaxSteps: see IsValid().
  ClaimPath(std::string text);  // NOLINT(google-explicit-constructor)
  static bool IsValid(std::string_view text);

  const std::string& text() const { return text_; }
  const std::vector<std::string>& steps() const { return steps_; }

 private:
  std::string text_;
  std::vector<std::string> steps_;
};

/// How far clocks may differ unless configured.
inline constexpr std::chrono::seconds kTokenLeeway{30};

/// Marks a token that our own login gave out.
inline constexpr std::string_view kLoginClaim = "trackwire_login";

/// What the claims of a source's tokens must say, and where they say what.
struct ClaimRules {
  /// Required of `iss`, when not empty.
  std::string issuer;
  /// Required in `aud`, which is a text or a list, when not empty.
  std::string audience;
  std::chrono::seconds leeway = kTokenLeeway;
  ClaimPath roles{"roles"};
  ClaimPath clients{"clients"};
  ClaimPath permissions{"permissions"};
};

/// Takes the claims of a token apart whose signature holds: `sub`, `iat`, `exp`, `nbf`, `iss`,
/// `aud`, `jti`, kLoginClaim and what `rules` names. `role` (one text) counts as a role too, unless the roles were
/// told to stand elsewhere. Others pass unread, but no name may come twice.
Result<Identity, TokenError> ParseClaims(std::string_view json, const ClaimRules& rules,
                                         WallTime now);

}  // namespace trackwire::auth
