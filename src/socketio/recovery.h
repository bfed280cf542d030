#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "socketio/namespace.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// What a client needs to come back as who it was. Written at connect and on change, so that the
/// sudden death of a server takes nothing with it.
struct RecoveryRecord {
  std::string pid;
  std::string sid;
  std::string nsp;
  std::vector<std::string> rooms;
  /// The program's own part (who the user is, what is subscribed), opaque here.
  std::string data;
  /// Who holds the live socket.
  SocketRef owner;
};

/// The earlier state of a client and what it missed, in order.
struct Resumption {
  RecoveryRecord record;
  DeliveryBatch missed;
};

/// The back end of connection state recovery, plugged into a namespace.
///
/// A resuming client is answered CONNECT first; the missed deliveries follow it, then live ones:
/// no delivery is lost or doubled, because the answer to Resume() reaches the shard in order with
/// the deliveries of the same thread.
/// Spec: Socket.IO v5, "Connection state recovery".
class Recovery {
 public:
  virtual ~Recovery() = default;

  /// Shard thread. A client connected, its rooms or data changed, or it left in a way from which it
  /// may come back: then Release() follows.
  virtual void Save(const RecoveryRecord& record) = 0;
  /// Shard thread. `owner` left in a way from which it may come back (`recoverable`) or for good.
  /// Without effect when another socket has taken the record over.
  virtual void Release(const std::string& pid, SocketRef owner, bool recoverable) = 0;
  /// Shard thread. A client asks to resume. `done` must be called once, on any thread; the library
  /// runs its effect on the socket's shard, behind all deliveries that the same thread made
  /// before. Nothing: the client starts anew. Taking over is atomic: the record of `pid` has one
  /// owner, and a former one that still lives must be closed before `done`.
  virtual void Resume(const std::string& pid, const std::string& offset, const Socket& socket,
                      std::function<void(std::optional<Resumption>)> done) = 0;

  /// Shard thread. The private id for a new socket; hard to guess, of at most 64 characters. Empty
  /// (the default): the library makes one.
  virtual std::string NewPid(const std::string& sid);
  /// Any thread. Namespace::Emit() offers its broadcast. True: taken, to be delivered soon through
  /// `nsp` with an offset. By default broadcasts are delivered at once and not recovered.
  virtual bool Publish(Namespace& nsp, const Broadcast& broadcast);
  /// Shard thread. Socket::Emit() without an offset of its own, to a client that takes part.
  /// Returns the offset it gets, behind all that was delivered on that shard before; empty (the
  /// default): the event is not recovered.
  virtual std::string Record(const Socket& socket, std::string_view event, const Args& args);
  /// Whether such an event is emitted as a broadcast to the socket's own room instead: for back
  /// ends whose offsets are not known before the event is in a shared log. False by default.
  virtual bool PublishesSingles() const;
};

}  // namespace trackwire::socketio
