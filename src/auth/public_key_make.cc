// Public keys out of numbers and files, and the checks that each must pass.
#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <array>
#include <fstream>
#include <iterator>

#include "auth/openssl_handle.h"
#include "auth/public_key.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

using KeyResult = Result<std::shared_ptr<const PublicKey>>;

constexpr size_t kMaxPemBytes = 64 * 1'024;
constexpr unsigned long kMaxExponent = 0xffff'ffff;

constexpr std::string_view kPemBegin = "-----BEGIN ";

Openssl<BIGNUM> Number(std::string_view bytes) {
  return Openssl<BIGNUM>(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

std::shared_ptr<EVP_PKEY> Shared(EVP_PKEY* key) {
  return key == nullptr ? nullptr : std::shared_ptr<EVP_PKEY>(key, OpensslFree());
}

std::shared_ptr<EVP_PKEY> FromParameters(const char* type, OSSL_PARAM_BLD* builder) {
  const Openssl<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Openssl<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return Shared(key);
}

struct Curve {
  KeyKind kind;
  const char* group;  // OpenSSL's name
  size_t field_bytes;
};
constexpr std::array<Curve, 3> kCurves = {{{KeyKind::kP256, "prime256v1", 32},
                                           {KeyKind::kP384, "secp384r1", 48},
                                           {KeyKind::kP521, "secp521r1", 66}}};

std::optional<KeyKind> CurveOf(const EVP_PKEY* key) {
  std::array<char, 64> name{};
  size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) return std::nullopt;
  for (const Curve& curve : kCurves) {
    if (std::string_view(name.data(), size) == curve.group) return curve.kind;
  }
  return std::nullopt;
}

/// An exponent of 1 would make each padded digest its own signature.
std::optional<Error> CheckRsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kMinRsaBits || bits > kMaxRsaBits) {
    return Error{"weak_key", "an RSA key has " + std::to_string(kMinRsaBits) + " to " +
                                 std::to_string(kMaxRsaBits) + " bits, this one " +
                                 std::to_string(bits)};
  }
  BIGNUM* read = nullptr;
  EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &read);
  const Openssl<BIGNUM> exponent(read);
  if (exponent == nullptr || BN_is_odd(exponent.get()) == 0 || BN_is_one(exponent.get()) == 1 ||
      BN_num_bits(exponent.get()) > 32 || BN_get_word(exponent.get()) > kMaxExponent) {
    return Error{"weak_key", "the exponent of an RSA key is odd and between 3 and 2^32"};
  }
  return std::nullopt;
}

Result<KeyKind> Examine(const EVP_PKEY* key) {
  if (EVP_PKEY_is_a(key, "RSA") == 1) {
    if (auto error = CheckRsa(key)) return Err(std::move(*error));
    return KeyKind::kRsa;
  }
  if (EVP_PKEY_is_a(key, "ED25519") == 1) return KeyKind::kEd25519;
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    const auto curve = CurveOf(key);
    if (curve) return *curve;
    return Err("bad_key", "its curve is not one of P-256, P-384 and P-521");
  }
  return Err("bad_key", "it is not a key of RSA, ECDSA or Ed25519");
}

bool IsValid(EVP_PKEY* key) {
  const Openssl<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context != nullptr && EVP_PKEY_public_check_quick(context.get()) == 1;
}

struct PemBlock {
  std::string name;
  std::string der;
};

/// The next block; nothing at the end, be it of the text or of what makes sense.
std::optional<PemBlock> NextBlock(BIO* text) {
  char* name = nullptr;
  char* header = nullptr;
  unsigned char* data = nullptr;
  long size = 0;
  if (PEM_read_bio(text, &name, &header, &data, &size) != 1) return std::nullopt;
  PemBlock block{name, std::string(reinterpret_cast<const char*>(data), static_cast<size_t>(size))};
  OPENSSL_free(name);
  OPENSSL_free(header);
  OPENSSL_clear_free(data, static_cast<size_t>(size));
  return block;
}

std::shared_ptr<EVP_PKEY> KeyOfBlock(const PemBlock& block) {
  const unsigned char* data = Bytes(block.der);
  const auto size = static_cast<long>(block.der.size());
  if (block.name == PEM_STRING_PUBLIC) return Shared(d2i_PUBKEY(nullptr, &data, size));
  if (block.name == PEM_STRING_RSA_PUBLIC) {
    return Shared(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &data, size));
  }
  if (block.name != PEM_STRING_X509) return nullptr;
  const Openssl<X509> certificate(d2i_X509(nullptr, &data, size));
  return certificate == nullptr ? nullptr : Shared(X509_get_pubkey(certificate.get()));
}

}  // namespace

KeyResult PublicKey::Bind(Handle handle, const std::vector<Algorithm>& algorithms) {
  if (handle == nullptr) return Err("bad_key", "its numbers make no key");
  auto kind = Examine(handle.get());
  if (!kind) return Err(kind.error());
  if (!IsValid(handle.get())) return Err("bad_key", "its numbers make no key");
  std::vector<Algorithm> bound = OfKind(algorithms, *kind);
  if (bound.empty()) {
    return Err(
        "no_algorithm",
        std::string("none of the accepted algorithms is for a key of kind ") + ToString(*kind));
  }
  return std::shared_ptr<const PublicKey>(
      new PublicKey(std::move(handle), *kind, std::move(bound)));
}

KeyResult PublicKey::FromRsa(std::string_view modulus, std::string_view exponent,
                             const std::vector<Algorithm>& algorithms) {
  const OpensslErrors errors;
  if (modulus.size() > kMaxRsaBits / 8 + 1 || exponent.size() > 8) {
    return Err("weak_key", "an RSA key has " + std::to_string(kMinRsaBits) + " to " +
                               std::to_string(kMaxRsaBits) + " bits and a short exponent");
  }
  const Openssl<BIGNUM> n = Number(modulus);
  const Openssl<BIGNUM> e = Number(exponent);
  const Openssl<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (n == nullptr || e == nullptr || builder == nullptr ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return Err("bad_key", "its numbers make no key");
  }
  return Bind(FromParameters("RSA", builder.get()), algorithms);
}

KeyResult PublicKey::FromCurve(KeyKind curve, std::string_view x, std::string_view y,
                               const std::vector<Algorithm>& algorithms) {
  const OpensslErrors errors;
  for (const Curve& known : kCurves) {
    if (known.kind != curve) continue;
    // The coordinates have the length of the field, zeros in front included (RFC 7518, 6.2.1.2).
    if (x.size() != known.field_bytes || y.size() != known.field_bytes) break;
    const std::string point = "\x04" + std::string(x) + std::string(y);
    const Openssl<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    if (builder == nullptr ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, known.group,
                                        0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                         point.size()) != 1) {
      break;
    }
    return Bind(FromParameters("EC", builder.get()), algorithms);
  }
  return Err("bad_key", "its coordinates are not of the curve's length");
}

KeyResult PublicKey::FromEd25519(std::string_view bytes, const std::vector<Algorithm>& algorithms) {
  const OpensslErrors errors;
  if (bytes.size() != 32) return Err("bad_key", "a key of Ed25519 has 32 bytes");
  return Bind(
      Shared(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(bytes), bytes.size())),
      algorithms);
}

KeyResult PublicKey::FromPem(std::string_view pem, const std::vector<Algorithm>& algorithms) {
  const OpensslErrors errors;
  if (pem.size() > kMaxPemBytes) return Err("bad_key", "it is too long for a key");
  const Openssl<BIO> text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  if (text == nullptr) return Err("bad_key", "it cannot be read");
  const auto block = NextBlock(text.get());
  if (!block) return Err("bad_key", "there is no key in PEM form in it");
  if (block->name.find("PRIVATE KEY") != std::string::npos) {
    return Err("bad_key", "it holds a private key; give the server the public one");
  }
  if (NextBlock(text.get())) return Err("bad_key", "it holds more than one key or certificate");
  auto key = KeyOfBlock(*block);
  if (key == nullptr) return Err("bad_key", "it holds neither a public key nor a certificate");
  return Bind(std::move(key), algorithms);
}

KeyResult LoadPublicKey(const std::string& path, const std::vector<Algorithm>& algorithms) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Err("key_unreadable", path + ": cannot be read");
  std::string text(kMaxPemBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  auto key = PublicKey::FromPem(text, algorithms);
  if (!key) return Err(key.error().code, path + ": " + key.error().detail);
  return key;
}

bool LooksLikePem(std::string_view text) {
  return base::Trim(text).substr(0, kPemBegin.size()) == kPemBegin;
}

}  // namespace trackwire::auth
