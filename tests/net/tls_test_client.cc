#include "tests/net/tls_test_client.h"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include <csignal>

namespace trackwire::net::testing {

TlsClient::TlsClient(uint16_t port, const Options& options)
    : Client(port, options.receive_buffer),
      context_(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free),
      ssl_(nullptr) {
  // OpenSSL writes with no flag against it.
  std::signal(SIGPIPE, SIG_IGN);
  SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_security_level(context_.get(), 0);
  if (!options.ciphers.empty()) {
    EXPECT_EQ(SSL_CTX_set_cipher_list(context_.get(), options.ciphers.c_str()), 1);
  }
  ssl_ = SSL_new(context_.get());
  SSL_set_fd(ssl_, fd());
  if (!options.alpn.empty()) {
    SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(options.alpn.data()),
                        static_cast<unsigned>(options.alpn.size()));
  }
  if (options.session != nullptr) SSL_set_session(ssl_, options.session);
  SSL_set_connect_state(ssl_);
  if (options.handshake) Handshake();
}

TlsClient::~TlsClient() { SSL_free(ssl_); }

bool TlsClient::Handshake() {
  ERR_clear_error();
  connected_ = SSL_do_handshake(ssl_) == 1;
  const char* reason = ERR_reason_error_string(ERR_peek_error());
  if (!connected_) error_ = reason == nullptr ? "closed" : reason;
  ERR_clear_error();
  return connected_;
}

void TlsClient::Write(std::string_view bytes) {
  size_t sent = 0;
  if (!bytes.empty()) SSL_write_ex(ssl_, bytes.data(), bytes.size(), &sent);
  ERR_clear_error();
}

void TlsClient::ShutdownWrite() {
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

bool TlsClient::Fill() {
  char bytes[65536];
  size_t got = 0;
  ERR_clear_error();
  if (SSL_read_ex(ssl_, bytes, sizeof(bytes), &got) != 1) {
    const char* reason = ERR_reason_error_string(ERR_peek_error());
    if (reason != nullptr) error_ = reason;
    ERR_clear_error();
    return false;
  }
  buffer_.append(bytes, got);
  return true;
}

std::string TlsClient::ServerName() const {
  const std::unique_ptr<X509, void (*)(X509*)> certificate(SSL_get1_peer_certificate(ssl_),
                                                           &X509_free);
  char name[256] = "";
  if (certificate != nullptr) {
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                              sizeof(name));
  }
  return name;
}

std::string TlsClient::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return std::string(reinterpret_cast<const char*>(name), size);
}

}  // namespace trackwire::net::testing
