#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::auth {

inline constexpr size_t kMinPasswordCharacters = 8;
inline constexpr size_t kMaxPasswordBytes = 1'024;

/// What guessing one password costs. Argon2id, version 1.3, one lane.
struct PasswordCost {
  uint32_t memory_kib = 19'456;
  uint32_t passes = 2;

  friend bool operator==(const PasswordCost&, const PasswordCost&) = default;
};

/// The hash of `password` under a new random salt, in PHC string form:
/// `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. Takes `cost.memory_kib` of memory and tens of
/// milliseconds: on a worker thread. Errors: `no_memory`. Spec: RFC 9106.
Result<std::string> HashPassword(std::string_view password, const PasswordCost& cost);

/// Whether `hash` was made of `password`; compares in constant time and costs what `hash` says.
///
/// Errors: `no_memory`, and `bad_hash` for what is no hash of Argon2id or asks for more than 256
/// MiB, 16 passes or 16 lanes: a store that somebody wrote to must not stop the server.
Result<bool> VerifyPassword(std::string_view password, const std::string& hash);

/// What checking against `hash` costs, all lanes together; nothing when it is no usable hash.
std::optional<PasswordCost> CostOf(const std::string& hash);
/// Whether `hash` should be made anew, now that `cost` is asked for.
bool NeedsRehash(const std::string& hash, const PasswordCost& cost);

/// A hash that no password has: checking against it takes as long as against any other.
std::string DecoyHash(const PasswordCost& cost);

/// What is wrong with a password that somebody chose, for people.
std::optional<std::string> RefusePassword(std::string_view password);
/// A random password of 120 bits in groups that can be read aloud.
std::string MakePassword();

/// Overwrites a secret that is not needed any more.
void Wipe(std::string& secret);

}  // namespace trackwire::auth
