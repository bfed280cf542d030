// How a public key verifies; public_key_make.cc has how it comes about.
#include "auth/public_key.h"

#include <openssl/rsa.h>

#include <algorithm>

#include "auth/openssl_handle.h"

namespace trackwire::auth {
namespace {

const EVP_MD* DigestOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kRs256:
    case Algorithm::kPs256:
    case Algorithm::kEs256:
      return EVP_sha256();
    case Algorithm::kRs384:
    case Algorithm::kPs384:
    case Algorithm::kEs384:
      return EVP_sha384();
    case Algorithm::kRs512:
    case Algorithm::kPs512:
    case Algorithm::kEs512:
      return EVP_sha512();
    default:
      return nullptr;  // Ed25519 has its own
  }
}

bool IsPss(Algorithm algorithm) {
  return algorithm == Algorithm::kPs256 || algorithm == Algorithm::kPs384 ||
         algorithm == Algorithm::kPs512;
}

size_t FieldBytes(KeyKind curve) {
  if (curve == KeyKind::kP256) return 32;
  return curve == KeyKind::kP384 ? 48 : 66;
}

/// OpenSSL takes the two numbers wrapped in DER only; empty when they have a wrong length.
std::string WrapNumbers(KeyKind curve, std::string_view raw) {
  const size_t half = FieldBytes(curve);
  if (raw.size() != 2 * half) return {};
  Openssl<ECDSA_SIG> numbers(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(Bytes(raw), static_cast<int>(half), nullptr);
  BIGNUM* s = BN_bin2bn(Bytes(raw) + half, static_cast<int>(half), nullptr);
  if (numbers == nullptr || r == nullptr || s == nullptr ||
      ECDSA_SIG_set0(numbers.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return {};
  }
  const int size = i2d_ECDSA_SIG(numbers.get(), nullptr);
  if (size <= 0) return {};
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(numbers.get(), &out);
  return der;
}

/// The salt is as long as the digest, and the mask is made with the same one.
/// Spec: RFC 7518 section 3.5.
bool UsePss(EVP_PKEY_CTX* context) {
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

bool PublicKey::Allows(Algorithm algorithm) const {
  return std::find(algorithms_.begin(), algorithms_.end(), algorithm) != algorithms_.end();
}

bool PublicKey::Verify(Algorithm algorithm, std::string_view input,
                       std::string_view signature) const {
  if (!Allows(algorithm) || signature.empty()) return false;
  const OpensslErrors errors;
  std::string wrapped;
  if (kind_ == KeyKind::kP256 || kind_ == KeyKind::kP384 || kind_ == KeyKind::kP521) {
    wrapped = WrapNumbers(kind_, signature);
    if (wrapped.empty()) return false;
    signature = wrapped;
  }
  const Openssl<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;  // the context's
  if (context == nullptr || EVP_DigestVerifyInit(context.get(), &details, DigestOf(algorithm),
                                                 nullptr, handle_.get()) != 1) {
    return false;
  }
  if (IsPss(algorithm) && !UsePss(details)) return false;
  return EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(input),
                          input.size()) == 1;
}

}  // namespace trackwire::auth
