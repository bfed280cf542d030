#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/algorithm.h"
#include "auth/openssl_handle.h"

namespace trackwire::auth::testing {

/// The other side: a private key that signs, and shows its public part in every form.
class Signer {
 public:
  /// Makes a key; `detail` is the bits of RSA or the name of a curve.
  static Signer Rsa(size_t bits);
  static Signer Curve(const std::string& group);
  static Signer Ed25519();
  /// One key of each kind for the whole program: they take long to make.
  static const Signer& Of(KeyKind kind);

  /// The raw signature, in the form of JSON Web Signatures.
  std::string Sign(Algorithm algorithm, std::string_view input) const;
  /// A compact token with exactly this header and these claims.
  std::string TokenWith(std::string_view header, Algorithm algorithm,
                        std::string_view claims) const;
  /// With the plain header of the algorithm; `key_id` empty: none.
  std::string Token(Algorithm algorithm, std::string_view claims,
                    const std::string& key_id = "") const;

  /// As PEM: a public key, a private one, a self-signed certificate.
  std::string PublicPem() const;
  std::string PrivatePem() const;
  std::string CertificatePem() const;
  std::string PublicDer() const;
  /// A member of a key set. `more` is put behind the members, as `,"use":"sig"`.
  std::string Jwk(const std::string& key_id, const std::string& more = "") const;
  /// One number of an RSA key, as bytes.
  std::string Modulus() const;
  EVP_PKEY* handle() const { return key_.get(); }

 private:
  explicit Signer(EVP_PKEY* key);
  std::string Number(const char* name, size_t size) const;

  std::shared_ptr<EVP_PKEY> key_;
};

/// `{"keys":[…]}`.
std::string KeySetOf(std::initializer_list<std::string> keys);

/// `header.claims.signature`, each encoded.
std::string Compact(std::string_view header, std::string_view claims, std::string_view signature);

}  // namespace trackwire::auth::testing
