#include "net/tls_tickets.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <cstring>

#include "base/check.h"

namespace trackwire::net {
namespace {

/// What OpenSSL awaits of the callback.
constexpr int kFailed = -1;
constexpr int kUnknown = 0;
constexpr int kUse = 1;
constexpr int kUseAndRenew = 2;

int PlaceOfTickets() {
  static const int place = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return place;
}

}  // namespace

TlsTickets::TlsTickets(const Clock& clock) : clock_(clock) {}

TlsTickets::~TlsTickets() {
  OPENSSL_cleanse(&current_.cipher, sizeof(current_.cipher));
  OPENSSL_cleanse(&current_.mac, sizeof(current_.mac));
  OPENSSL_cleanse(&former_.cipher, sizeof(former_.cipher));
  OPENSSL_cleanse(&former_.mac, sizeof(former_.mac));
}

void TlsTickets::Attach(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, PlaceOfTickets(), this);
  SSL_CTX_set_timeout(context, std::chrono::seconds(kPeriod).count());
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, &TlsTickets::OnTicket);
}

void TlsTickets::RotateWhenDue() {
  const auto now = clock_.Now();
  if (current_.made && now - current_.since < kPeriod) return;
  // After a long silence nothing that was sealed is good any more.
  former_ = current_.made && now - current_.since < 2 * kPeriod ? current_ : Key{};
  Key next;
  CHECK(RAND_bytes(next.name.data(), static_cast<int>(next.name.size())) == 1);
  CHECK(RAND_bytes(next.cipher.data(), static_cast<int>(next.cipher.size())) == 1);
  CHECK(RAND_bytes(next.mac.data(), static_cast<int>(next.mac.size())) == 1);
  next.since = now;
  next.made = true;
  current_ = next;
}

TlsTickets::Key TlsTickets::Current() {
  const std::lock_guard lock(mutex_);
  RotateWhenDue();
  return current_;
}

bool TlsTickets::Find(const unsigned char* name, Key& found, bool& old) {
  const std::lock_guard lock(mutex_);
  RotateWhenDue();
  for (const Key* key : {&current_, &former_}) {
    if (!key->made || std::memcmp(key->name.data(), name, key->name.size()) != 0) continue;
    found = *key;
    old = key == &former_;
    return true;
  }
  return false;
}

int TlsTickets::OnTicket(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                         EVP_MAC_CTX* mac, int sealing) {
  auto* self =
      static_cast<TlsTickets*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), PlaceOfTickets()));
  Key key;
  bool old = false;
  if (sealing == 1) {
    key = self->Current();
    std::memcpy(name, key.name.data(), key.name.size());
    if (RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) != 1) return kFailed;
  } else if (!self->Find(name, key, old)) {
    return kUnknown;
  }
  char digest[] = "SHA256";
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_end(),
  };
  const bool ready =
      EVP_MAC_CTX_set_params(mac, parameters) == 1 &&
      EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), nullptr, key.cipher.data(), iv, sealing) == 1;
  OPENSSL_cleanse(key.cipher.data(), key.cipher.size());
  OPENSSL_cleanse(key.mac.data(), key.mac.size());
  if (!ready) return kFailed;
  return old ? kUseAndRenew : kUse;
}

}  // namespace trackwire::net
