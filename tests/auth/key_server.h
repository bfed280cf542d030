#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "net/http/server.h"
#include "net/shard.h"
#include "net/unique_fd.h"

namespace trackwire::auth::testing {

/// The server of an issuer on loopback, with the paths a test gives it.
class KeyServer {
 public:
  using Handle = std::function<void(const net::http::Exchange&)>;

  KeyServer();
  ~KeyServer();

  /// What `path` answers from now on. Any thread.
  void On(const std::string& path, Handle handle);
  void On(const std::string& path, int status, std::string body);
  std::string Url(const std::string& path) const;
  /// Requests for `path` so far.
  int hits(const std::string& path) const;

 private:
  void Serve(const net::http::Exchange& exchange, const std::string& path);

  mutable std::mutex mutex_;
  std::map<std::string, Handle> handles_;
  std::map<std::string, int> hits_;
  net::Shard shard_{net::Shard::Options{}};
  net::http::Router router_;
  std::unique_ptr<net::http::Server> server_;
  uint16_t port_ = 0;
};

/// Says the same bytes to everyone who asks, whatever they are, and closes. With `certificate` and
/// `key` (PEM) over TLS.
class RawServer {
 public:
  explicit RawServer(std::string reply, const std::string& certificate = "",
                     const std::string& key = "");
  ~RawServer();
  uint16_t port() const { return port_; }

 private:
  void Run();
  void Serve(int fd);
  void ServeTls(int fd);

  const std::string reply_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_{nullptr, &SSL_CTX_free};
  net::UniqueFd listener_;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace trackwire::auth::testing
