#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "engineio/options.h"

namespace trackwire::socketio {

class Parser;
class Socket;

struct Options {
  Options() { engine.path = "/socket.io/"; }

  engineio::Options engine;
  /// Folder of the client for browsers, `dist` of the npm package `socket.io-client`, whose files
  /// are then served below `engine.path`: `/socket.io/socket.io.min.js`. Read at the start, a
  /// megabyte and a half; when that fails, a line in the log says why. Empty: not served.
  std::string client_files = {};
  /// From the opening of a connection to its first seat, and from each later CONNECT to its answer.
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(45);
  /// Connections without a seat in any namespace, over all shards: beyond, the one that has been
  /// without longest is closed. Those who mean it are seated long before.
  uint32_t max_unfinished = 10'000;
  uint32_t max_attachments = 10;
  /// Of all attachments of one packet together; 0: four times `engine.max_payload`, at least
  /// 64 KiB. They must have come within `connect_timeout` from their packet.
  size_t max_attachment_bytes = 0;
  uint32_t max_json_depth = 64;
  uint32_t max_namespaces_per_client = 16;
  /// Of namespaces that are made for clients (ParentNamespace), all together: who wants another is
  /// refused.
  uint32_t max_child_namespaces = 10'000;
  /// Whether such a namespace goes when its last client does.
  bool cleanup_empty_child_namespaces = false;
  /// How packets are written, for all namespaces; empty: as text, as clients do by default.
  std::shared_ptr<const Parser> parser = nullptr;
  /// Whether Socket::handshake() is there as long as the socket; a few kilobytes each.
  bool keep_handshake = false;
  /// Whether a client that resumes passes no middleware (of connections): whoever has its private
  /// id is let in then. Who takes part in recovery is asked before the middlewares in that case.
  bool recovery_skips_middlewares = false;
  /// Names new sockets, in place of 20 random characters. The sid must be new to all servers of a
  /// cluster: a socket that has it already is closed. Empty: a random one. Shard threads.
  std::function<std::string(const Socket&)> make_sid;
};

/// What the server counted on one shard.
struct Counters {
  uint64_t packets_in = 0;
  uint64_t packets_out = 0;
  uint64_t deliveries = 0;  ///< one broadcast to one socket
  uint64_t connects = 0;
  uint64_t connect_errors = 0;
  uint64_t namespaces_refused = 0;  ///< beyond max_child_namespaces
  uint64_t resumed = 0;
  uint64_t resume_refused = 0;
  uint64_t parse_errors = 0;
  /// Events whose arguments did not fit a typed handler, once a handler.
  uint64_t bad_arguments = 0;
  uint64_t unfinished = 0;          ///< without a seat now
  uint64_t unfinished_evicted = 0;  ///< closed for room, without a seat until then
  uint64_t sockets = 0;  ///< connected now
};

}  // namespace trackwire::socketio
