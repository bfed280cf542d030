#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/identity.h"
#include "auth/key_set.h"
#include "base/clock.h"
#include "base/result.h"

namespace trackwire::auth {

/// The ways a token can be refused; what a log line says of it, never its text.
enum class TokenError : uint8_t {
  kTooLarge,
  kNotThreeParts,
  kBadBase64,             ///< wrong alphabet, padding, or bits that no encoder writes
  kBadHeader,             ///< not a JSON object, or without a usable `alg`
  kUnsupportedAlgorithm,  ///< `none` and all that we do not verify
  kUnsupportedCritical,   ///< `crit` asks for what we do not know
  kNoKey,                 ///< no key is bound to that algorithm
  kBadSignature,
  kBadClaims,       ///< not a JSON object
  kDuplicateClaim,  ///< a name written twice: readers would differ about it
  kBadClaim,        ///< a claim of a wrong type or out of bounds
  kExpired,
  kNotYetValid,
};
/// A stable word such as `bad_signature`.
const char* ToString(TokenError error);

inline constexpr size_t kMaxTokenBytes = 8'192;
/// How far clocks may differ.
inline constexpr std::chrono::seconds kTokenLeeway{30};

/// Checks JSON Web Tokens. Immutable; any thread.
/// Spec: RFC 7519, RFC 7515 compact form.
class TokenVerifier {
 public:
  TokenVerifier(std::shared_ptr<const KeySet> keys, const Clock& clock)
      : keys_(std::move(keys)), clock_(clock) {}

  /// Who `token` says its bearer is. The algorithm must be one its key is bound to, whatever the
  /// header asks for. Linear in `token`, which is refused unread above kMaxTokenBytes.
  Result<Identity, TokenError> Verify(std::string_view token) const;
  const Clock& clock() const { return clock_; }

 private:
  std::shared_ptr<const KeySet> keys_;
  const Clock& clock_;
};

/// Takes the claims of a verified token apart: `sub`, `roles` or `role`, `clients`, `permissions`,
/// `exp`, `nbf`, `jti`. Others pass unread.
Result<Identity, TokenError> ParseClaims(std::string_view json, WallTime now);

/// What a token of our own says.
struct TokenRequest {
  std::string subject;
  std::vector<std::string> roles;
  std::vector<std::string> clients;  ///< as JSON text: `"acme"` or `7`
  std::vector<std::string> permissions;
  WallTime issued_at{};
  WallTime expires_at{};
};

/// A compact token signed by `key`.
std::string MakeToken(const TokenRequest& request, const SecretKey& key);

}  // namespace trackwire::auth
