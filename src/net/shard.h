#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/metrics.h"
#include "net/loop.h"
#include "net/out_queue.h"

namespace trackwire::net {

class Connections;

/// What one shard counted. A plain value: copied on the shard's thread, added up by the reader.
struct ShardCounters {
  uint64_t connections_accepted = 0;
  uint64_t connections_open = 0;
  uint64_t connections_refused = 0;  ///< over the limit, closed at once
  uint64_t accept_pauses = 0;        ///< out of file descriptors, accepting stopped for a moment
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t writes = 0;               ///< calls of sendmsg
  uint64_t http_requests = 0;
  uint64_t http_errors = 0;          ///< answered 4xx or 5xx by the HTTP layer itself
  uint64_t websocket_errors = 0;     ///< closed for a violation of RFC 6455 or a limit
  uint64_t frames_conflated = 0;
  uint64_t slow_disconnects = 0;     ///< past the hard limit of unsent bytes, frames or age
  base::LatencyHistogram delivery;   ///< EncodedFrame::accepted_at to the socket write

  void Add(const ShardCounters& other);
};

/// One core's share of the server: a loop with its own epoll set, connections, timers and
/// counters. Nothing in it is touched by another thread; talk to it with Post().
///
/// Shards hand connections to each other: stop all of a server before destroying the first.
class Shard : public Loop {
 public:
  struct Options {
    uint16_t index = 0;
    uint32_t max_connections = 100'000;
    OutQueue::Limits out;
  };

  explicit Shard(const Options& options);
  ~Shard() override;

  uint16_t index() const;
  ShardCounters& counters();
  const Options& options() const;

  /// Connections, their epoll set and end-of-turn writes; net's own business.
  Connections& connections();

 private:
  void OnTurnEnd() override;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trackwire::net
