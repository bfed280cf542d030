#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "engineio/close_reason.h"
#include "engineio/options.h"
#include "engineio/request_check.h"
#include "net/http/exchange.h"
#include "net/loop.h"
#include "net/out_queue.h"

namespace trackwire::net {
class TimerWheel;
}

namespace trackwire::engineio {

class Session;

/// What the server counted on one shard. A plain value, read on the shard's thread.
struct Counters {
  uint64_t polling_sessions = 0;    ///< open now
  uint64_t websocket_sessions = 0;  ///< open now
  uint64_t handshakes = 0;
  uint64_t upgrades = 0;
  uint64_t upgrades_failed = 0;
  uint64_t packets_in = 0;
  uint64_t packets_out = 0;
  uint64_t parse_errors = 0;
  uint64_t slow_disconnects = 0;  ///< polling clients past the hard limit of unsent packets
  uint64_t refused_full = 0;      ///< handshakes beyond max_sessions or while draining
  uint64_t refused_origin = 0;
  uint64_t refused_by_program = 0;   ///< by Options::refuse_with or answer_with
  uint64_t flood_disconnects = 0;    ///< clients that sent packets too fast
  std::array<uint64_t, kRequestErrors> refused{};
  std::array<uint64_t, kCloseReasons> closed{};
};

/// What sessions need of the shard they live on: one object a shard, its thread only.
class SessionHost {
 public:
  virtual const Options& options() const = 0;
  virtual Counters& counters() = 0;
  virtual uint16_t shard_index() const = 0;
  /// Whether requests of one client may overtake each other on their way to their session.
  virtual bool may_overtake() const = 0;
  virtual net::TimerWheel& timers() = 0;
  virtual Steady::time_point now() const = 0;
  /// As things are now: they shrink while all clients together have too much waiting.
  virtual net::OutQueue::Limits out_limits() const = 0;
  /// What waits for one client was `before` bytes and is `after` now.
  virtual void RecountBacklog(size_t before, size_t after) = 0;
  /// Runs `task` soon, not within this call.
  virtual void Defer(net::Loop::Task task) = 0;
  /// Nothing when the session is gone.
  virtual Session* Find(uint32_t slot, uint32_t generation) = 0;
  /// Destroys the session soon.
  virtual void Retire(Session& session) = 0;
  /// Answers with the headers that every answer has.
  virtual void Answer(const net::http::Exchange& exchange, const net::http::Request& request,
                      net::http::Response response) = 0;

 protected:
  ~SessionHost() = default;
};

}  // namespace trackwire::engineio
