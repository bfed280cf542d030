#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http/server.h"
#include "net/tls_context.h"
#include "socketio/memory_recovery.h"
#include "socketio/server.h"

namespace trackwire::socketio {

/// Where an App listens and what it runs on.
struct AppOptions {
  std::string host = "127.0.0.1";  ///< an address; `0.0.0.0` or `::` for all of the machine
  uint16_t port = 3000;            ///< 0: any free one
  /// Handlers run on so many threads, each client's always on the same one. With one, as in Node,
  /// they need no locks. 0: one for each core.
  uint16_t threads = 1;
  /// With a certificate it speaks TLS with everybody, and Run() reads both files again at SIGHUP.
  net::TlsFiles tls = {};
  Options socketio = {};
  net::http::ServerOptions http = {};
  /// Told the port once Run() listens, in place of a line on standard output.
  std::function<void(uint16_t port)> on_listening = nullptr;
};

/// A program that serves Socket.IO: its threads, its port, and the signals that end it.
///
///     socketio::App app({.port = 3000});
///     app.Of("/").OnConnection([](socketio::Socket& socket) { socket.Join("lobby"); });
///     return app.Run();
///
/// Handlers and routes are set before Run() or Start(). All calls from the thread that made it,
/// unless they say more.
class App {
 public:
  explicit App(AppOptions options = {});
  /// Stops.
  ~App();
  App(const App&) = delete;
  App& operator=(const App&) = delete;

  Server& io();
  Namespace& Of(std::string name) { return io().Of(std::move(name)); }
  /// For routes and handlers beside those of Socket.IO.
  net::http::Router& router();
  /// Answers requests for just this path with a file, which is read now. Fails when it cannot be.
  Result<void> ServeFile(std::string path, const std::string& file);
  /// Clients of `nsp` that come back soon get what they missed (connection state recovery), from
  /// this process's memory.
  void Recover(Namespace& nsp, const MemoryRecovery::Options& options = {});
  /// What handlers run on.
  const std::vector<net::Shard*>& shards() const;

  /// Serves until SIGTERM, SIGINT or Quit(), and stops. Gives what main() returns: 1, with a line
  /// on standard error, when Start() fails. Prints `listening http://host:port` (or https) when it
  /// does not.
  /// The second signal of a kind ends the process at once. One App at a time.
  int Run();
  /// Makes Run() return. Any thread, handlers too; may be called before Run().
  void Quit();

  /// For programs that wait in a way of their own instead of Run(): listens, once the adapters (if
  /// any) are heard by the other servers. Gives the port. Fails when it cannot listen or has no
  /// good certificate, or with `quit` when Quit() was called before the others were heard.
  Result<uint16_t> Start();
  /// Closes all connections (their clients try to come back), the adapters and the threads. Not
  /// from a handler. An App does not start a second time.
  void Stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace trackwire::socketio
