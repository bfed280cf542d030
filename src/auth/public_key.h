#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_set.h"
#include "base/result.h"

struct evp_pkey_st;

namespace trackwire::auth {

/// Shorter RSA keys are refused. Spec: RFC 7518 section 3.3.
inline constexpr int kMinRsaBits = 2'048;
/// Longer ones take too long to check.
inline constexpr int kMaxRsaBits = 8'192;

/// A public key of RSA, an elliptic curve or Ed25519: verifies only.
///
/// Signatures are in the form of JSON Web Signatures: those of ECDSA are the two numbers one after
/// the other, each as long as the curve's field.
class PublicKey final : public VerificationKey {
 public:
  /// The coordinates and numbers are big-endian bytes, as a JSON Web Key has them. Each binds the
  /// key to those of `algorithms` that are of its kind; `no_algorithm` when there are none.
  /// Other errors: `bad_key`, `weak_key` (RSA with too few bits or a trivial exponent).
  static Result<std::shared_ptr<const PublicKey>> FromRsa(std::string_view modulus,
                                                          std::string_view exponent,
                                                          const std::vector<Algorithm>& algorithms);
  /// `curve` is one of kP256, kP384, kP521; a point that is not on it is a `bad_key`.
  static Result<std::shared_ptr<const PublicKey>> FromCurve(
      KeyKind curve, std::string_view x, std::string_view y,
      const std::vector<Algorithm>& algorithms);
  static Result<std::shared_ptr<const PublicKey>> FromEd25519(
      std::string_view bytes, const std::vector<Algorithm>& algorithms);
  /// One public key or certificate in PEM form. A private key, or more than one block, is a
  /// `bad_key`: nobody should hand us the former, and which of the latter counts is a guess.
  static Result<std::shared_ptr<const PublicKey>> FromPem(std::string_view pem,
                                                          const std::vector<Algorithm>& algorithms);

  bool Allows(Algorithm algorithm) const override;
  bool Verify(Algorithm algorithm, std::string_view input,
              std::string_view signature) const override;
  KeyKind kind() const { return kind_; }
  const std::vector<Algorithm>& algorithms() const { return algorithms_; }

 private:
  using Handle = std::shared_ptr<evp_pkey_st>;

  PublicKey(Handle handle, KeyKind kind, std::vector<Algorithm> algorithms)
      : handle_(std::move(handle)), kind_(kind), algorithms_(std::move(algorithms)) {}
  /// Checks what the key is and binds it.
  static Result<std::shared_ptr<const PublicKey>> Bind(Handle handle,
                                                       const std::vector<Algorithm>& algorithms);

  Handle handle_;
  KeyKind kind_;
  std::vector<Algorithm> algorithms_;
};

/// The public key in the file `path`, bound as FromPem() says. Errors name the file;
/// `key_unreadable` when there is none. Blocks.
Result<std::shared_ptr<const PublicKey>> LoadPublicKey(const std::string& path,
                                                       const std::vector<Algorithm>& algorithms);

/// Whether `text` is a key in PEM form, which is no secret for HMAC.
bool LooksLikePem(std::string_view text);

}  // namespace trackwire::auth
