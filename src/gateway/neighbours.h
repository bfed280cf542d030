#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/config.h"
#include "socketio/server.h"

namespace trackwire::gateway {

/// Which format a namespace shares with other Socket.IO servers.
struct NeighbourRule {
  std::string nsp;
  std::string format;  ///< `classic`, `streams` or `python`
};

/// Reads `/chat=classic`. Errors: `bad_config` with what is wrong.
Result<std::vector<NeighbourRule>> ParseNeighbours(const std::vector<std::string>& rules);

/// Lets namespaces be part of a cluster with other Socket.IO servers on the same Redis, by a loop
/// and links of its own: their traffic does not hold up notifications.
///
/// What neighbours send has no offset and passes no audience: it reaches whom they address.
class Neighbours {
 public:
  /// Whether `nsp` may be entered; the same rules as for notifications.
  using Guard = std::function<void(socketio::Namespace& nsp)>;
  using Participates = std::function<bool(const socketio::Socket&)>;

  explicit Neighbours(const Config& config);
  ~Neighbours();
  Neighbours(const Neighbours&) = delete;
  Neighbours& operator=(const Neighbours&) = delete;

  /// Before the shards start. Namespaces other than `/` get `guard`; those that share streams
  /// resume their clients together when recovery is on. Errors: `bad_config`.
  Result<void> Attach(socketio::Server& server, const Guard& guard, Participates participates);
  /// Waits a while for the others to be heard; goes on without them where Redis does not answer.
  void Start();
  /// What became of the messages, between Start() and Stop(). Waits for its loop: not from that
  /// one.
  socketio::AdapterCounters Counters() const;
  /// Ends the adapters, started or not. After the shards have stopped, while the server still
  /// stands. May be called twice.
  void Stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace trackwire::gateway
