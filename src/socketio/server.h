#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engineio/server.h"
#include "socketio/namespace.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {

struct Options {
  engineio::Options engine;  ///< path `/socket.io/` unless changed
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(45);
  uint32_t max_attachments = 10;
  uint32_t max_json_depth = 64;
  uint32_t max_namespaces_per_client = 16;
};

/// What the server counted on one shard.
struct Counters {
  uint64_t packets_in = 0;
  uint64_t packets_out = 0;
  uint64_t deliveries = 0;        ///< one broadcast to one socket
  uint64_t connects = 0;
  uint64_t connect_errors = 0;
  uint64_t resumed = 0;
  uint64_t resume_refused = 0;
  uint64_t parse_errors = 0;
  uint64_t sockets = 0;           ///< connected now
};

/// A Socket.IO v5 server over any number of shards.
class Server {
 public:
  Server(std::vector<net::Shard*> shards, Options options);
  ~Server();

  /// Creates or finds a namespace; before the server starts.
  Namespace& Of(std::string name);
  /// Switches recovery on for a namespace; before the server starts. `recovery` must outlive it.
  /// `participates` says of each socket, after the middlewares passed, whether it takes part.
  void UseRecovery(Namespace& nsp, Recovery* recovery,
                   std::function<bool(const Socket&)> participates);
  /// What to mount in the HTTP router at options.engine.path.
  net::http::Handler* handler();
  engineio::Server& engine();

  /// On the shard's thread.
  const Counters& counters(net::Shard& shard) const;
  /// Closes all transports without a DISCONNECT packet, at most `per_second` a second and shard
  /// (0: at once), so that clients come back elsewhere. Any thread; `done` runs on any.
  void Drain(uint32_t per_second, std::function<void()> done);
};

}  // namespace trackwire::socketio
