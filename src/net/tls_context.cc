#include "net/tls_context.h"

#include <string_view>

#include "base/check.h"
#include "net/tls_generation.h"

namespace trackwire::net {
namespace {

constexpr std::string_view kHttp11("\x08http/1.1", 9);
constexpr std::string_view kIdContext = "trackwire";
/// Of TLS 1.2; those of 1.3 are all good. Each with ephemeral keys and authenticated encryption.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr int kSecurityLevel = 2;  // 112 bits: RSA of 2048

/// Who offers protocols and not ours is told so instead of being answered in a wrong one.
int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* size,
                   const unsigned char* offered, unsigned int offered_size, void*) {
  const auto* ours = reinterpret_cast<const unsigned char*>(kHttp11.data());
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(&found, size, ours, kHttp11.size(), offered,
                                           offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

void SetRules(SSL_CTX* context) {
  SSL_CTX_set_security_level(context, kSecurityLevel);
  CHECK(SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1);
  CHECK(SSL_CTX_set_cipher_list(context, kCiphers) == 1);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // An idle connection keeps no buffers. Partial writes are of no use: what is encrypted always has
  // a place to go.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  CHECK(SSL_CTX_set_session_id_context(
            context, reinterpret_cast<const unsigned char*>(kIdContext.data()),
            kIdContext.size()) == 1);
  SSL_CTX_set_alpn_select_cb(context, &ChooseProtocol, nullptr);
}

Unexpected<Error> Unusable(const TlsFiles& files) {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  std::string text = "the certificate " + files.certificate + " cannot be used: " +
                     (reason == nullptr ? "OpenSSL gives no reason" : reason);
  return Err("tls_certificate", std::move(text));
}

Result<std::shared_ptr<const TlsContext::Generation>> Make(const TlsFiles& files,
                                                           const Clock& clock) {
  auto loaded = LoadTlsCertificate(files);
  if (!loaded) return Err(std::move(loaded.error()));
  auto made = std::make_shared<TlsContext::Generation>(clock);
  made->context.reset(SSL_CTX_new(TLS_server_method()));
  SSL_CTX* context = made->context.get();
  CHECK(context != nullptr);
  SetRules(context);
  const TlsErrors errors;
  if (SSL_CTX_use_certificate(context, loaded->leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, loaded->key.get()) != 1) {
    return Unusable(files);
  }
  for (const auto& next : loaded->chain) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return Unusable(files);
  }
  made->tickets.Attach(context);
  made->info = std::move(loaded->info);
  made->identity = std::move(loaded->identity);
  return std::shared_ptr<const TlsContext::Generation>(std::move(made));
}

}  // namespace

TlsContext::TlsContext(TlsFiles files, const Clock& clock)
    : files_(std::move(files)), clock_(clock) {}

TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::Load(TlsFiles files, const Clock& clock) {
  auto made = Make(files, clock);
  if (!made) return Err(std::move(made.error()));
  std::shared_ptr<TlsContext> context(new TlsContext(std::move(files), clock));
  context->current_ = std::move(*made);
  return context;
}

Result<bool> TlsContext::Reload() {
  auto made = Make(files_, clock_);
  if (!made) return Err(std::move(made.error()));
  const std::lock_guard lock(mutex_);
  if (current_->identity == (*made)->identity) return false;
  current_ = std::move(*made);
  return true;
}

std::shared_ptr<const TlsContext::Generation> TlsContext::current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

TlsCertificateInfo TlsContext::certificate() const { return current()->info; }

std::vector<std::string> TlsContext::Warnings() const {
  return TlsWarnings(current()->info, files_, clock_.WallNow());
}

}  // namespace trackwire::net
