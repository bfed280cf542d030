#include "wire/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "base/check.h"

namespace trackwire::bench {
namespace {

TlsContext Make(const SSL_METHOD* method) {
  TlsContext context(SSL_CTX_new(method), SSL_CTX_free);
  CHECK(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  // Buffers move and grow between two tries, and part of one written is progress. An idle
  // connection gives its buffers back.
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // Servers that end without a farewell are seen as ended, not as broken.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF);
  return context;
}

int Clamp(size_t size) {
  return static_cast<int>(std::min<size_t>(size, std::numeric_limits<int>::max()));
}

}  // namespace

TlsContext MakeClientContext() {
  TlsContext context = Make(TLS_client_method());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  return context;
}

Result<TlsContext> MakeServerContext(const std::string& certificate, const std::string& key) {
  TlsContext context = Make(TLS_server_method());
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate.c_str()) != 1) {
    return Err("tls", certificate + " holds no certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Err("tls", key + " holds no private key of that certificate");
  }
  return context;
}

TlsStream::TlsStream(const TlsContext& context, int fd, Role role)
    : ssl_(SSL_new(context.get())) {
  CHECK(ssl_ != nullptr && SSL_set_fd(ssl_, fd) == 1);
  if (role == Role::kClient) {
    SSL_set_connect_state(ssl_);
  } else {
    SSL_set_accept_state(ssl_);
  }
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

TlsStream::Handshaking TlsStream::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return Handshaking::kDone;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return Handshaking::kWantsRead;
    case SSL_ERROR_WANT_WRITE: return Handshaking::kWantsWrite;
    default: return Handshaking::kFailed;
  }
}

ssize_t TlsStream::Read(char* bytes, size_t size) {
  ERR_clear_error();
  return Outcome(SSL_read(ssl_, bytes, Clamp(size)));
}

ssize_t TlsStream::Write(const char* bytes, size_t size) {
  ERR_clear_error();
  return Outcome(SSL_write(ssl_, bytes, Clamp(size)));
}

bool TlsStream::has_pending() const { return SSL_has_pending(ssl_) == 1; }

ssize_t TlsStream::Outcome(int result) {
  if (result > 0) return result;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
    case SSL_ERROR_SYSCALL:
      if (errno != 0 && errno != EAGAIN) return -1;
      [[fallthrough]];
    default: errno = EPROTO; return -1;
  }
}

}  // namespace trackwire::bench
