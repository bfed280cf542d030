#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "socketio/namespace.h"

namespace trackwire::net {
class Loop;
}

namespace trackwire::socketio {

/// Which sockets of a namespace: those in any of `rooms` (all when there are none) that are in none
/// of `except`. A socket's own sid is a room too.
struct SocketFilter {
  std::vector<std::string> rooms;
  std::vector<std::string> except;
};

/// A socket as other servers see it. JSON texts are objects.
struct RemoteSocket {
  std::string sid;
  std::string handshake_json = "{}";
  std::vector<std::string> rooms;
  std::string data_json = "{}";
};

/// What came of a broadcast that asks for acknowledgements. Each answer is the array a client
/// acknowledged with.
struct BroadcastAcks {
  std::vector<Args> answers;
  uint64_t expected = 0;   ///< clients that were asked, as far as known
  bool timed_out = false;  ///< some did not answer in time
};

/// What came of a serverSideEmit that asks for answers, one JSON value a server.
struct ServerAnswers {
  std::vector<std::string> answers;
  bool timed_out = false;
};

/// Makes a namespace reach over the servers of a cluster. Namespace does the local part of each
/// operation itself and hands it to its adapter for the others.
///
/// All calls and callbacks on the adapter's loop (the bus's); Namespace posts there.
class Adapter {
 public:
  virtual ~Adapter() = default;
  virtual net::Loop& loop() = 0;
  /// Begins to hear the others; `done` when they can be heard.
  virtual void Start(std::function<void()> done) = 0;

  virtual void Broadcast(const socketio::Broadcast& broadcast) = 0;
  /// `on_expected` adds clients that another server asked, `on_ack` each answer.
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
};

}  // namespace trackwire::socketio
