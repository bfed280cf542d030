#include "tests/support/scripted_server.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdlib>

#include "base/check.h"

namespace trackwire::test {

Peer::Peer(int fd, SSL_CTX* tls) : fd_(fd) {
  if (tls == nullptr) return;
  tls_ = SSL_new(tls);
  SSL_set_fd(tls_, fd);
  ready_ = SSL_accept(tls_) == 1;
}

Peer::~Peer() {
  if (tls_ == nullptr) return;
  if (ready_) SSL_shutdown(tls_);
  SSL_free(tls_);
}

std::string Peer::Receive() {
  if (!unread_.empty()) return std::exchange(unread_, {});
  if (!ready_) return {};
  char bytes[16'384];
  const auto got = tls_ != nullptr ? SSL_read(tls_, bytes, sizeof bytes)
                                   : ::recv(fd_, bytes, sizeof bytes, 0);
  return got <= 0 ? std::string() : std::string(bytes, static_cast<size_t>(got));
}

std::optional<std::string> Peer::Request() {
  std::string request;
  size_t whole = std::string::npos;
  while (request.size() < whole) {
    const std::string more = Receive();
    if (more.empty()) return std::nullopt;
    request += more;
    const size_t head = request.find("\r\n\r\n");
    if (head == std::string::npos) continue;
    const size_t length = request.find("Content-Length: ");
    const bool has_body = length != std::string::npos && length < head;
    whole = head + 4 + (has_body ? std::strtoul(request.c_str() + length + 16, nullptr, 10) : 0);
  }
  unread_ = request.substr(whole);
  request.resize(whole);
  return request;
}

bool Peer::Send(std::string_view bytes) {
  while (ready_ && !bytes.empty()) {
    const auto sent = tls_ != nullptr
                          ? SSL_write(tls_, bytes.data(), static_cast<int>(bytes.size()))
                          : ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return ready_;
}

void Peer::AwaitEnd() {
  while (!Receive().empty()) {
  }
}

ScriptedServer::ScriptedServer(Serve serve, const std::string& certificate_file,
                       const std::string& key_file)
    : serve_(std::move(serve)) {
  if (!certificate_file.empty()) {
    std::signal(SIGPIPE, SIG_IGN);  // SSL_write has no flag against it
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    CHECK(SSL_CTX_use_certificate_file(tls_.get(), certificate_file.c_str(), SSL_FILETYPE_PEM) == 1);
    CHECK(SSL_CTX_use_PrivateKey_file(tls_.get(), key_file.c_str(), SSL_FILETYPE_PEM) == 1);
  }
  listener_ = net::UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  CHECK(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(::listen(listener_.get(), 256) == 0);
  CHECK(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  listening_ = std::thread([this] { Run(); });
}

ScriptedServer::~ScriptedServer() {
  stopping_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);  // wakes accept()
  listening_.join();
  for (const auto& fd : open_) ::shutdown(fd->get(), SHUT_RDWR);
  for (std::thread& thread : threads_) thread.join();
}

void ScriptedServer::Run() {
  while (!stopping_) {
    const auto fd = std::make_shared<net::UniqueFd>(
        ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (fd->get() < 0) continue;
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_.push_back(fd);
    threads_.emplace_back([this, fd] {
      {
        Peer peer(fd->get(), tls_.get());
        serve_(peer);
      }
      ::shutdown(fd->get(), SHUT_RDWR);
    });
  }
}

std::string ScriptedServer::Url(const std::string& path) const {
  return (tls_ ? "https" : "http") + ("://127.0.0.1:" + std::to_string(port_)) + path;
}

std::string Answer(int status, const std::string& body, const std::string& fields) {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\n" + fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

void Gate::Open() {
  const std::lock_guard lock(mutex_);
  open_ = true;
  changed_.notify_all();
}

void Gate::Wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return open_; });
}

}  // namespace trackwire::test
