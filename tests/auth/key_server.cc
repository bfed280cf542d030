#include "tests/auth/key_server.h"

#include <netinet/in.h>
#include <openssl/pem.h>
#include <sys/socket.h>

#include <csignal>

#include "auth/openssl_handle.h"
#include "base/check.h"

namespace trackwire::auth::testing {

KeyServer::KeyServer() {
  router_.On("GET", "/", 0,
             [this](const net::http::Exchange& exchange, const net::http::Request& request,
                    std::string) { Serve(exchange, request.path); });
  shard_.Start();
  server_ = std::make_unique<net::http::Server>(std::vector<net::Shard*>{&shard_}, &router_,
                                                net::http::ServerOptions{});
  const auto port = server_->Listen("127.0.0.1", 0);
  CHECK(port.has_value());
  port_ = *port;
}

KeyServer::~KeyServer() {
  server_->StopListening();
  shard_.Stop();
}

void KeyServer::On(const std::string& path, Handle handle) {
  const std::lock_guard lock(mutex_);
  handles_[path] = std::move(handle);
}

void KeyServer::On(const std::string& path, int status, std::string body) {
  On(path, [status, body = std::move(body)](const net::http::Exchange& exchange) {
    exchange.Respond(net::http::Response::Json(status, body));
  });
}

std::string KeyServer::Url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

int KeyServer::hits(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = hits_.find(path);
  return found == hits_.end() ? 0 : found->second;
}

void KeyServer::Serve(const net::http::Exchange& exchange, const std::string& path) {
  Handle handle;
  {
    const std::lock_guard lock(mutex_);
    ++hits_[path];
    const auto found = handles_.find(path);
    if (found != handles_.end()) handle = found->second;
  }
  if (handle) return handle(exchange);
  exchange.Respond(net::http::Response::Text(404, "no such keys"));
}

RawServer::RawServer(std::string reply, const std::string& certificate, const std::string& key)
    : reply_(std::move(reply)) {
  if (!certificate.empty()) {
    // Whoever does not trust us leaves in the middle.
    std::signal(SIGPIPE, SIG_IGN);
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    const Openssl<BIO> certificate_text(BIO_new_mem_buf(certificate.data(), -1));
    const Openssl<X509> x509(PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
    const Openssl<BIO> key_text(BIO_new_mem_buf(key.data(), -1));
    const Openssl<EVP_PKEY> pkey(
        PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    CHECK(SSL_CTX_use_certificate(tls_.get(), x509.get()) == 1);
    CHECK(SSL_CTX_use_PrivateKey(tls_.get(), pkey.get()) == 1);
  }
  listener_ = net::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  CHECK(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(::listen(listener_.get(), 16) == 0);
  CHECK(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

RawServer::~RawServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept()
  thread_.join();
}

void RawServer::Run() {
  while (!stopping_) {
    const net::UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (fd.get() < 0) continue;
    tls_ == nullptr ? Serve(fd.get()) : ServeTls(fd.get());
  }
}

void RawServer::Serve(int fd) {
  std::string request;
  char bytes[1'024];
  while (request.find("\r\n\r\n") == std::string::npos) {
    const ssize_t got = ::recv(fd, bytes, sizeof(bytes), 0);
    if (got <= 0) return;
    request.append(bytes, static_cast<size_t>(got));
  }
  for (size_t sent = 0; sent < reply_.size();) {
    const ssize_t done = ::send(fd, reply_.data() + sent, reply_.size() - sent, MSG_NOSIGNAL);
    if (done <= 0) return;
    sent += static_cast<size_t>(done);
  }
}

void RawServer::ServeTls(int fd) {
  const std::unique_ptr<SSL, void (*)(SSL*)> tls(SSL_new(tls_.get()), &SSL_free);
  SSL_set_fd(tls.get(), fd);
  if (SSL_accept(tls.get()) != 1) return;
  char bytes[4'096];
  if (SSL_read(tls.get(), bytes, sizeof(bytes)) <= 0) return;
  SSL_write(tls.get(), reply_.data(), static_cast<int>(reply_.size()));
  SSL_shutdown(tls.get());
}

}  // namespace trackwire::auth::testing
