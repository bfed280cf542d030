#include "tests/auth/signer.h"

#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <map>

#include "base/check.h"
#include "base/text.h"

namespace trackwire::auth::testing {
namespace {

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

const EVP_MD* DigestOf(Algorithm algorithm) {
  const std::string name = ToString(algorithm);
  if (name.ends_with("256")) return EVP_sha256();
  if (name.ends_with("384")) return EVP_sha384();
  return name.ends_with("512") ? EVP_sha512() : nullptr;
}

size_t FieldBytes(KeyKind curve) {
  if (curve == KeyKind::kP256) return 32;
  return curve == KeyKind::kP384 ? 48 : 66;
}

std::string Unwrap(const std::string& der, size_t field) {
  const unsigned char* data = Bytes(der);
  const Openssl<ECDSA_SIG> numbers(d2i_ECDSA_SIG(nullptr, &data, static_cast<long>(der.size())));
  CHECK(numbers != nullptr);
  std::string out(2 * field, '\0');
  auto* bytes = reinterpret_cast<unsigned char*>(out.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), bytes, static_cast<int>(field));
  BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), bytes + field, static_cast<int>(field));
  return out;
}

}  // namespace

Signer::Signer(EVP_PKEY* key) : key_(key, OpensslFree()) { CHECK(key != nullptr); }

Signer Signer::Rsa(size_t bits) { return Signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", bits)); }
Signer Signer::Curve(const std::string& group) {
  return Signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", group.c_str()));
}
Signer Signer::Ed25519() { return Signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

const Signer& Signer::Of(KeyKind kind) {
  static const std::map<KeyKind, Signer> signers = {{KeyKind::kRsa, Rsa(2'048)},
                                                    {KeyKind::kP256, Curve("P-256")},
                                                    {KeyKind::kP384, Curve("P-384")},
                                                    {KeyKind::kP521, Curve("P-521")},
                                                    {KeyKind::kEd25519, Ed25519()}};
  return signers.at(kind);
}

std::string Signer::Sign(Algorithm algorithm, std::string_view input) const {
  const Openssl<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* details = nullptr;
  CHECK(EVP_DigestSignInit(context.get(), &details, DigestOf(algorithm), nullptr, key_.get()) == 1);
  if (ToString(algorithm)[0] == 'P') {
    CHECK(EVP_PKEY_CTX_set_rsa_padding(details, RSA_PKCS1_PSS_PADDING) == 1);
    CHECK(EVP_PKEY_CTX_set_rsa_pss_saltlen(details, RSA_PSS_SALTLEN_DIGEST) == 1);
  }
  size_t size = 0;
  CHECK(EVP_DigestSign(context.get(), nullptr, &size, Bytes(input), input.size()) == 1);
  std::string out(size, '\0');
  CHECK(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                       Bytes(input), input.size()) == 1);
  out.resize(size);
  return EVP_PKEY_is_a(key_.get(), "EC") == 1 ? Unwrap(out, FieldBytes(KindOf(algorithm))) : out;
}

std::string Signer::TokenWith(std::string_view header, Algorithm algorithm,
                              std::string_view claims) const {
  const std::string input = base::Base64UrlEncode(header) + "." + base::Base64UrlEncode(claims);
  return input + "." + base::Base64UrlEncode(Sign(algorithm, input));
}

std::string Signer::Token(Algorithm algorithm, std::string_view claims,
                          const std::string& key_id) const {
  std::string header = std::string(R"({"alg":")") + ToString(algorithm) + "\"";
  if (!key_id.empty()) header += ",\"kid\":\"" + key_id + "\"";
  return TokenWith(header + "}", algorithm, claims);
}

std::string Signer::PublicPem() const {
  const Openssl<BIO> out(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_PUBKEY(out.get(), key_.get()) == 1);
  return TextOf(out.get());
}

std::string Signer::PrivatePem() const {
  const Openssl<BIO> out(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_PrivateKey(out.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
        1);
  return TextOf(out.get());
}

std::string Signer::CertificatePem() const {
  const Openssl<X509> certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, Bytes("localhost"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  X509_set_pubkey(certificate.get(), key_.get());
  const bool edwards = EVP_PKEY_is_a(key_.get(), "ED25519") == 1;
  CHECK(X509_sign(certificate.get(), key_.get(), edwards ? nullptr : EVP_sha256()) > 0);
  const Openssl<BIO> out(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_X509(out.get(), certificate.get()) == 1);
  return TextOf(out.get());
}

std::string Signer::PublicDer() const {
  const int size = i2d_PUBKEY(key_.get(), nullptr);
  CHECK(size > 0);
  std::string der(static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(der.data());
  i2d_PUBKEY(key_.get(), &out);
  return der;
}

std::string Signer::Number(const char* name, size_t size) const {
  BIGNUM* read = nullptr;
  CHECK(EVP_PKEY_get_bn_param(key_.get(), name, &read) == 1);
  const Openssl<BIGNUM> number(read);
  if (size == 0) size = static_cast<size_t>(BN_num_bytes(number.get()));
  std::string out(size, '\0');
  BN_bn2binpad(number.get(), reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(size));
  return out;
}

std::string Signer::Modulus() const { return Number(OSSL_PKEY_PARAM_RSA_N, 0); }

std::string Signer::Jwk(const std::string& key_id, const std::string& more) const {
  const auto member = [](const char* name, const std::string& bytes) {
    return std::string(",\"") + name + "\":\"" + base::Base64UrlEncode(bytes) + "\"";
  };
  std::string out = "{";
  if (EVP_PKEY_is_a(key_.get(), "RSA") == 1) {
    out +=
        R"("kty":"RSA")" + member("n", Modulus()) + member("e", Number(OSSL_PKEY_PARAM_RSA_E, 0));
  } else if (EVP_PKEY_is_a(key_.get(), "EC") == 1) {
    const int bits = EVP_PKEY_get_bits(key_.get());
    const auto field = static_cast<size_t>(bits + 7) / 8;
    out += R"("kty":"EC","crv":"P-)" + std::to_string(bits) + "\"" +
           member("x", Number(OSSL_PKEY_PARAM_EC_PUB_X, field)) +
           member("y", Number(OSSL_PKEY_PARAM_EC_PUB_Y, field));
  } else {
    std::string bytes(32, '\0');
    size_t size = bytes.size();
    CHECK(EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(bytes.data()),
                                      &size) == 1);
    out += R"("kty":"OKP","crv":"Ed25519")" + member("x", bytes);
  }
  if (!key_id.empty()) out += ",\"kid\":\"" + key_id + "\"";
  return out + more + "}";
}

std::string KeySetOf(std::initializer_list<std::string> keys) {
  std::string out = R"({"keys":[)";
  for (const std::string& key : keys) {
    if (out.back() != '[') out += ',';
    out += key;
  }
  return out + "]}";
}

std::string Compact(std::string_view header, std::string_view claims, std::string_view signature) {
  return base::Base64UrlEncode(header) + "." + base::Base64UrlEncode(claims) + "." +
         base::Base64UrlEncode(signature);
}

}  // namespace trackwire::auth::testing
