#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "socketio/cluster.h"
#include "socketio/namespace.h"

namespace trackwire::net {
class Loop;
}

namespace trackwire::socketio {

/// What an adapter counted. Its loop's thread.
struct AdapterCounters {
  uint64_t received = 0;  ///< messages of others that were understood
  uint64_t sent = 0;
  uint64_t ignored = 0;   ///< own echoes, other namespaces, answers nobody waits for
  uint64_t bad = 0;       ///< not understood: garbage, wrong types, over a limit
  uint64_t dropped = 0;   ///< understood, or to be sent, but over a limit of things under way
  uint64_t timeouts = 0;  ///< requests that not everybody answered in time

  void Add(const AdapterCounters& other) {
    received += other.received;
    sent += other.sent;
    ignored += other.ignored;
    bad += other.bad;
    dropped += other.dropped;
    timeouts += other.timeouts;
  }
};

/// Makes a namespace reach over the servers of a cluster. Namespace does the local part of each
/// operation itself and hands it to its adapter for the others. What the others want done here an
/// adapter does through Namespace::local().
///
/// All calls and callbacks on the adapter's loop (the bus's), its destruction too; Namespace posts
/// there. See Server::UseAdapter().
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual net::Loop& loop() = 0;
  /// Begins to hear the others; `done` when they can be heard.
  virtual void Start(std::function<void()> done) = 0;

  virtual void Broadcast(const socketio::Broadcast& broadcast) = 0;
  /// `on_expected` once for each other server, with how many clients it asked; `on_ack` for each
  /// answer. Neither after `timeout`.
  virtual void BroadcastWithAck(const socketio::Broadcast& broadcast,
                                std::chrono::milliseconds timeout,
                                std::function<void(uint64_t clients)> on_expected,
                                std::function<void(Args answer)> on_ack) = 0;
  virtual void SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms) = 0;
  virtual void SocketsLeave(const SocketFilter& filter, const std::vector<std::string>& rooms) = 0;
  virtual void DisconnectSockets(const SocketFilter& filter, bool close) = 0;
  /// Those of the other servers; fails with `timeout` when one does not answer.
  virtual void FetchSockets(const SocketFilter& filter,
                            std::function<void(Result<std::vector<RemoteSocket>>)> done) = 0;
  /// `arguments_json` is an array whose first element is the event's name. `done` (may be empty:
  /// no answers wanted) gets one answer a server.
  virtual void ServerSideEmit(const std::string& arguments_json,
                              std::function<void(ServerAnswers)> done) = 0;

  /// How many servers there are, this one too. Fails with `unsupported` where nobody can be counted
  /// (the default); broadcasts with acknowledgements then always wait until their time-out.
  virtual void ServerCount(std::function<void(Result<uint64_t>)> done) {
    done(Err("unsupported", "this adapter cannot count the servers"));
  }
  /// Whether Broadcast() brings a broadcast to the local sockets too, because it needs an offset
  /// first, say; then joins, leaves and disconnections must not overtake it and come the same way.
  /// Namespace then leaves that to it. Any thread.
  virtual bool broadcasts_locally() const { return false; }
  const AdapterCounters& counters() const { return counters_; }

 protected:
  AdapterCounters counters_;
};

}  // namespace trackwire::socketio
