#include "broker/redis/transport.h"

#include <netinet/tcp.h>

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/write.hpp>

namespace trackwire::broker {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

/// Keepalive finds a dead peer after 15 s + 3 × 5 s, should the questions of the link not.
constexpr int kKeepIdleSeconds = 15;
constexpr int kKeepIntervalSeconds = 5;
constexpr int kKeepProbes = 3;

using KeepIdle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
using KeepInterval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
using KeepCount = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;

}  // namespace

Result<TlsContext> MakeTlsContext(const RedisTarget& target) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  ErrorCode error;
  if (target.tls_ca_file.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->load_verify_file(target.tls_ca_file, error);
  }
  if (error) return Err("tls", "the authorities' file cannot be used: " + error.message());
  if (!target.tls_cert_file.empty()) {
    context->use_certificate_chain_file(target.tls_cert_file, error);
    if (error) return Err("tls", "the certificate's file cannot be used: " + error.message());
    const bool together = target.tls_key_file.empty();
    context->use_private_key_file(together ? target.tls_cert_file : target.tls_key_file,
                                  asio::ssl::context::pem, error);
    if (error) return Err("tls", "the key's file cannot be used: " + error.message());
  }
  return context;
}

RedisTransport::RedisTransport(asio::io_context& context, TlsContext tls, bool verify)
    : resolver_(context), socket_(context), tls_context_(std::move(tls)), verify_(verify) {}

// Handlers own `done`, and with it whoever keeps the transport: a member would be a cycle.
void RedisTransport::Connect(const RedisAddress& address, Connected done) {
  address_ = address;
  ErrorCode error;
  if (address.is_unix) {
    endpoints_.emplace_back(asio::local::stream_protocol::endpoint(address.host));
  } else if (const auto ip = asio::ip::make_address(address.host, error); !error) {
    endpoints_.emplace_back(asio::ip::tcp::endpoint(ip, address.port));
  } else {
    resolver_.async_resolve(address.host, std::to_string(address.port),
                            [this, done = std::move(done)](const ErrorCode& failed,
                                                           const auto& found) {
                              if (failed) failure_ = failed.message();
                              for (const auto& entry : found) {
                                endpoints_.emplace_back(entry.endpoint());
                              }
                              TryNext(done);
                            });
    return;
  }
  TryNext(std::move(done));
}

void RedisTransport::TryNext(Connected done) {
  if (closed_ || next_endpoint_ >= endpoints_.size()) {
    // Never from inside Connect().
    asio::post(socket_.get_executor(), [this, done = std::move(done)] {
      done(failure_.empty() ? "the name has no address" : failure_);
    });
    return;
  }
  const Endpoint& endpoint = endpoints_[next_endpoint_++];
  ErrorCode ignored;
  socket_.close(ignored);
  socket_.async_connect(endpoint, [this, done = std::move(done)](const ErrorCode& error) {
    if (!error && !closed_) return OnConnected(done);
    failure_ = error ? error.message() : "closed";
    TryNext(done);
  });
}

void RedisTransport::SetOptions() {
  if (address_.is_unix) return;
  ErrorCode ignored;
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  socket_.set_option(KeepIdle(kKeepIdleSeconds), ignored);
  socket_.set_option(KeepInterval(kKeepIntervalSeconds), ignored);
  socket_.set_option(KeepCount(kKeepProbes), ignored);
}

void RedisTransport::OnConnected(Connected done) {
  SetOptions();
  if (!tls_context_) return done({});
  tls_.emplace(socket_, *tls_context_);
  ErrorCode not_an_address;
  asio::ip::make_address(address_.host, not_an_address);
  if (not_an_address) SSL_set_tlsext_host_name(tls_->native_handle(), address_.host.c_str());
  tls_->set_verify_mode(verify_ ? asio::ssl::verify_peer : asio::ssl::verify_none);
  if (verify_) tls_->set_verify_callback(asio::ssl::host_name_verification(address_.host));
  tls_->async_handshake(asio::ssl::stream_base::client,
                        [done = std::move(done)](const ErrorCode& error) {
                          done(error ? "TLS: " + error.message() : std::string());
                        });
}

void RedisTransport::ReadSome(asio::mutable_buffer into, Handler done) {
  if (tls_) return tls_->async_read_some(into, std::move(done));
  socket_.async_read_some(into, std::move(done));
}

void RedisTransport::Write(asio::const_buffer bytes, Handler done) {
  if (tls_) return asio::async_write(*tls_, bytes, std::move(done));
  asio::async_write(socket_, bytes, std::move(done));
}

void RedisTransport::Close() {
  closed_ = true;
  resolver_.cancel();
  ErrorCode ignored;
  socket_.close(ignored);
}

}  // namespace trackwire::broker
