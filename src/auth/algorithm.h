#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trackwire::auth {

/// Signature algorithms of JSON Web Tokens.
/// Spec: RFC 7518 section 3; EdDSA: RFC 8037 with Ed25519 alone.
enum class Algorithm : uint8_t {
  kHs256,
  kHs384,
  kHs512,
  kRs256,
  kRs384,
  kRs512,
  kPs256,
  kPs384,
  kPs512,
  kEs256,
  kEs384,
  kEs512,
  kEdDsa,
};
inline constexpr size_t kAlgorithmCount = 13;

const char* ToString(Algorithm algorithm);
/// Exact, as the header spells it; nothing for `none` and for what is not supported.
std::optional<Algorithm> ParseAlgorithm(std::string_view name);
/// All names, for people: `HS256, HS384, …`.
std::string AlgorithmNames();

/// What a key must be to serve an algorithm. The curves of ECDSA are bound to one each.
enum class KeyKind : uint8_t { kSecret, kRsa, kP256, kP384, kP521, kEd25519 };
const char* ToString(KeyKind kind);
KeyKind KindOf(Algorithm algorithm);

/// Those of `algorithms` that a key of `kind` can serve, in their order, once each.
std::vector<Algorithm> OfKind(const std::vector<Algorithm>& algorithms, KeyKind kind);

/// What is accepted unless an operator says otherwise: one algorithm for each kind of key.
const std::vector<Algorithm>& DefaultAlgorithms();

}  // namespace trackwire::auth
