#pragma once

#include <cstdint>

namespace trackwire::auth {

/// The ways a token can be refused; what a log line says of it, never its text.
enum class TokenError : uint8_t {
  kTooLarge,
  kNotThreeParts,
  kBadBase64,             ///< wrong alphabet, padding, or bits that no encoder writes
  kBadHeader,             ///< not a JSON object, or without a usable `alg`
  kUnsupportedAlgorithm,  ///< `none` and all that we do not verify
  kUnsupportedCritical,   ///< `crit` or `b64` ask for what we do not do
  kNoKey,                 ///< no key of that name is bound to that algorithm
  kUnknownKey,            ///< the same, but the keys may be behind their issuer's: VerifySoon()
  kBadSignature,
  kBadClaims,       ///< not a JSON object
  kDuplicateClaim,  ///< a name written twice: readers would differ about it
  kBadClaim,        ///< a claim of a wrong type or out of bounds
  kWrongIssuer,     ///< another issuer than its key's, or none
  kWrongAudience,   ///< meant for others, or for nobody in particular
  kExpired,
  kNotYetValid,
  kRevoked,         ///< the token, or all tokens that its user had at some time
  kUnknownAccount,  ///< of our own login, but there is no such user any more
  kAccountDisabled,
  kLoggedOut,       ///< its own bearer gave it up
};
/// A stable word such as `bad_signature`.
const char* ToString(TokenError error);

}  // namespace trackwire::auth
