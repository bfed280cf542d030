#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/metrics.h"
#include "net/loop.h"
#include "net/out_queue.h"
#include "net/tls_failure.h"

namespace trackwire::net {

class Connections;

/// What one shard counted. A plain value: copied on the shard's thread, added up by the reader.
struct ShardCounters {
  uint64_t connections_accepted = 0;
  uint64_t connections_open = 0;
  uint64_t connections_refused = 0;  ///< over the limit, closed at once
  uint64_t refused_address = 0;      ///< their address had as many as it may, closed at once
  uint64_t waiting_evicted = 0;      ///< had no whole request and made room for others
  uint64_t too_slow = 0;             ///< ended below the least rate of a head, body or message
  uint64_t accept_pauses = 0;        ///< out of file descriptors, accepting stopped for a moment
  uint64_t bytes_in = 0;
  uint64_t bytes_out = 0;
  uint64_t writes = 0;               ///< calls of sendmsg
  uint64_t http_requests = 0;
  uint64_t http_errors = 0;          ///< answered 4xx or 5xx by the HTTP layer itself
  uint64_t bodies_packed = 0;        ///< of answers
  uint64_t bodies_not_packed = 0;    ///< the shard had no time for it
  uint64_t bytes_before_packing = 0;
  uint64_t bytes_after_packing = 0;
  uint64_t websocket_errors = 0;     ///< closed for a violation of RFC 6455 or a limit
  uint64_t frames_conflated = 0;
  uint64_t slow_disconnects = 0;     ///< past the hard limit of unsent bytes, frames or age
  uint64_t connections_waiting = 0;  ///< now; they have sent no whole request
  uint64_t input_bytes = 0;          ///< now; of requests and messages that are not complete
  uint64_t input_refused = 0;        ///< requests and messages that the total had no room for
  uint64_t backlog_bytes = 0;        ///< now; unsent, what connections share counted for each
  uint64_t tls_connections = 0;      ///< now
  uint64_t tls_handshakes = 0;       ///< that came to their end
  uint64_t tls_resumed = 0;          ///< of these, by a ticket
  std::array<uint64_t, kTlsFailures> tls_failures{};  ///< by TlsFailure
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
    /// Of these, so many may be without a whole request; beyond, the one that has waited longest
    /// is closed, as it is when the shard is full.
    uint32_t max_waiting = 10'000;
    /// Bytes of all unfinished input together (InputCharge).
    size_t max_input_bytes = 256'000'000;
    /// Unsent bytes of all connections together. Beyond, `out.max_bytes` shrinks to a fair share
    /// of it, so that the slowest go and the others notice nothing.
    size_t max_backlog_bytes = 1'000'000'000;
    OutQueue::Limits out;
    /// As for Loop.
    const Clock* clock = &Clock::System();
  };

  explicit Shard(const Options& options);
  ~Shard() override;

  uint16_t index() const;
  ShardCounters& counters();
  const Options& options() const;

  /// Connections, their epoll set and end-of-turn writes; net's own business.
  Connections& connections();
  /// The limits of one connection's unsent data as things are now.
  OutQueue::Limits out_limits() const;

 private:
  void OnTurnEnd() override;

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace trackwire::net
