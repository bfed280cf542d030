#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "tests/net/net_test_client.h"

namespace trackwire::net::testing {

/// A blocking client that speaks bytes over TLS and trusts everybody.
class TlsClient final : public Client {
 public:
  struct Options {
    int max_version = TLS1_3_VERSION;
    std::string alpn;             ///< as on the wire, each name after its length
    std::string ciphers;          ///< of TLS 1.2; empty: the usual
    SSL_SESSION* session = nullptr;  ///< to take up
    int receive_buffer = 0;
    bool handshake = true;        ///< at once
  };

  explicit TlsClient(uint16_t port) : TlsClient(port, Options()) {}
  TlsClient(uint16_t port, const Options& options);
  ~TlsClient() override;

  /// Whether it went well; error() says why it did not.
  bool Handshake();
  bool connected() const { return connected_; }
  /// OpenSSL's reason, such as `tlsv1 alert no application protocol`.
  const std::string& error() const { return error_; }

  void Write(std::string_view bytes) override;
  /// Sends close_notify; the socket stays open both ways.
  void ShutdownWrite() override;
  /// Whether the server said its end, instead of just closing.
  bool EndedInOrder() const { return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0; }

  /// The common name in the server's certificate.
  std::string ServerName() const;
  bool resumed() const { return SSL_session_reused(ssl_) == 1; }
  /// What a ticket is in; the caller's.
  SSL_SESSION* TakeSession() const { return SSL_get1_session(ssl_); }
  std::string alpn() const;
  SSL* ssl() const { return ssl_; }

 private:
  bool Fill() override;

  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  SSL* ssl_;
  bool connected_ = false;
  std::string error_;
};

}  // namespace trackwire::net::testing
