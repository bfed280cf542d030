#pragma once

#include <openssl/ssl.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "net/unique_fd.h"

namespace trackwire::test {

/// One connection to a ScriptedServer, on its own thread.
class Peer {
 public:
  Peer(int fd, SSL_CTX* tls);
  ~Peer();

  /// The next request, head and body; nothing once the client has gone.
  std::optional<std::string> Request();
  /// False once the client has gone.
  bool Send(std::string_view bytes);
  /// At least one byte; empty at the end.
  std::string Receive();
  /// Returns when the client has closed.
  void AwaitEnd();

 private:
  const int fd_;
  SSL* tls_ = nullptr;
  bool ready_ = true;
  std::string unread_;
};

/// A server on 127.0.0.1 that says on each connection what the test wants it to.
class ScriptedServer {
 public:
  using Serve = std::function<void(Peer&)>;

  /// With the PEM files of a certificate and its key over TLS.
  explicit ScriptedServer(Serve serve, const std::string& certificate_file = "",
                      const std::string& key_file = "");
  /// Ends the connections and waits for their threads.
  ~ScriptedServer();

  uint16_t port() const { return port_; }
  /// `http://127.0.0.1:port` and `path`.
  std::string Url(const std::string& path = "/") const;
  int connections() const { return connections_; }

 private:
  void Run();

  const Serve serve_;
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_{nullptr, &SSL_CTX_free};
  net::UniqueFd listener_;
  uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::atomic<int> connections_{0};
  std::mutex mutex_;  // guards `open_` and `threads_` between the listening thread and the end
  std::vector<std::shared_ptr<net::UniqueFd>> open_;
  std::vector<std::thread> threads_;
  std::thread listening_;
};

/// An answer with a Content-Length.
std::string Answer(int status, const std::string& body, const std::string& fields = "");

/// Lets threads of a test wait for each other.
class Gate {
 public:
  void Open();
  void Wait();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

}  // namespace trackwire::test
