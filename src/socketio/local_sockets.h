#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/cluster.h"

namespace trackwire::net {
class Loop;
}

namespace trackwire::socketio {

class Namespace;
struct Broadcast;

/// The sockets of a namespace in this server, over all its shards: what adapters work on when
/// another server asks, and programs that mean this server only.
///
/// Any thread. On a shard, that shard's sockets are done with before a call returns; on the others
/// the calls of one thread happen in their order. Callbacks run on the loop they are given with;
/// never when a shard has stopped meanwhile.
class LocalSockets {
 public:
  explicit LocalSockets(Namespace& nsp) : nsp_(nsp) {}
  LocalSockets(const LocalSockets&) = delete;
  LocalSockets& operator=(const LocalSockets&) = delete;

  void Emit(const Broadcast& broadcast);
  /// What becomes of a broadcast that asks for acknowledgements.
  struct AckHandlers {
    std::function<void(uint64_t clients)> asked;  ///< once, how many there are
    std::function<void(Args answer)> answered;    ///< once for each that answers in time
    std::function<void()> failed;                 ///< once for each other; may be empty
  };
  void EmitWithAck(const Broadcast& broadcast, std::chrono::milliseconds timeout,
                   net::Loop& reply_on, AckHandlers handlers);
  void Join(const SocketFilter& filter, const std::vector<std::string>& rooms);
  void Leave(const SocketFilter& filter, const std::vector<std::string>& rooms);
  void Disconnect(const SocketFilter& filter, bool close);
  void Fetch(const SocketFilter& filter, net::Loop& reply_on,
             std::function<void(std::vector<RemoteSocket>)> done);
  /// The names of all rooms, those of single sockets too.
  void Rooms(net::Loop& reply_on, std::function<void(std::vector<std::string>)> done);
  /// Runs the handler for what another server said, on the calling thread. `arguments_json` must be
  /// an array that ScanJson() accepts. False: it names no event that has a handler.
  bool ServerSide(std::string_view arguments_json, ServerSideAnswer answer);

 private:
  Namespace& nsp_;
};

}  // namespace trackwire::socketio
