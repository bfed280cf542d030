#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_set.h"
#include "base/result.h"

namespace trackwire::auth {

inline constexpr size_t kMaxJwkSetBytes = 256 * 1'024;
inline constexpr size_t kMaxJwkSetKeys = 64;
/// Of a `kid`, in keys and in tokens.
inline constexpr size_t kMaxKeyIdBytes = 256;

/// How keys of a set are bound.
struct JwkOptions {
  /// A key that names its algorithm (`alg`) is bound to that one if it is listed here, another to
  /// those listed that are of its kind.
  std::vector<Algorithm> algorithms = DefaultAlgorithms();
  /// Whether shared secrets (`kty` of `oct`) count: only in a file of one's own, since what a URL
  /// serves is no secret.
  bool secrets = false;
};

/// The keys of a JSON Web Key Set by their names. Immutable; any thread.
///
/// A token that names a key gets the keys of that name alone; one that names none gets all of its
/// algorithm.
class JwkSet final : public KeySet {
 public:
  /// Reads a set. A key that is not for us, or broken, is left out and counted, as RFC 7517
  /// section 5 asks; errors are for the set: `bad_key_set` when it is no JSON object with an array
  /// `keys`, too long, or without a single usable key. Linear in `json`.
  /// Spec: RFC 7517, RFC 7518 section 6, RFC 8037 section 2.
  static Result<std::shared_ptr<const JwkSet>> Parse(std::string_view json,
                                                     const JwkOptions& options);

  void Find(Algorithm algorithm, std::string_view key_id, Candidates& out) const override;
  bool Has(std::string_view key_id) const;
  size_t size() const { return keys_.size(); }
  size_t left_out() const { return left_out_; }
  /// Why the first one was left out; no key material in it. Empty when none was.
  const std::string& left_out_because() const { return left_out_because_; }

 private:
  struct Named {
    std::string id;
    std::shared_ptr<const VerificationKey> key;
  };

  std::vector<Named> keys_;
  size_t left_out_ = 0;
  std::string left_out_because_;
};

}  // namespace trackwire::auth
