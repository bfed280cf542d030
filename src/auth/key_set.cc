#include "auth/key_set.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>

#include "base/check.h"

namespace trackwire::auth {
namespace {

const EVP_MD* DigestOf(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::kHs256:
      return EVP_sha256();
    case Algorithm::kHs384:
      return EVP_sha384();
    case Algorithm::kHs512:
      return EVP_sha512();
    default:
      return nullptr;
  }
}

}  // namespace

bool KeySet::Refresh(std::string_view, UniqueFunction<void()>) { return false; }

SecretKey::SecretKey(std::string secret, std::vector<Algorithm> algorithms)
    : secret_(std::move(secret)), algorithms_(std::move(algorithms)) {
  CHECK(!secret_.empty());
  CHECK(!algorithms_.empty());
  for (const Algorithm algorithm : algorithms_) CHECK(KindOf(algorithm) == KeyKind::kSecret);
}

bool SecretKey::Allows(Algorithm algorithm) const {
  return std::find(algorithms_.begin(), algorithms_.end(), algorithm) != algorithms_.end();
}

bool SecretKey::Verify(Algorithm algorithm, std::string_view input,
                       std::string_view signature) const {
  if (!Allows(algorithm)) return false;
  const std::string expected = Sign(algorithm, input);
  return signature.size() == expected.size() &&
         CRYPTO_memcmp(signature.data(), expected.data(), expected.size()) == 0;
}

std::string SecretKey::Sign(Algorithm algorithm, std::string_view input) const {
  const EVP_MD* kind = DigestOf(algorithm);
  CHECK(kind != nullptr);
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  const unsigned char* done =
      HMAC(kind, secret_.data(), static_cast<int>(secret_.size()),
           reinterpret_cast<const unsigned char*>(input.data()), input.size(), digest, &size);
  CHECK(done != nullptr);
  return std::string(reinterpret_cast<const char*>(digest), size);
}

void SingleKeySet::Find(Algorithm algorithm, std::string_view, Candidates& out) const {
  if (key_ != nullptr && key_->Allows(algorithm)) out.Add(key_);
}

}  // namespace trackwire::auth
