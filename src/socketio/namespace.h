#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "net/frame.h"
#include "socketio/cluster.h"
#include "socketio/local_sockets.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

struct AdapterSeat;
class NamespaceShard;
class Recovery;
struct ShardPart;

/// Why a middleware refuses a CONNECT: the client gets it as `connect_error`.
struct ConnectError {
  std::string message;
  std::string data_json;  ///< `data` of the error; empty: none
};

/// Continues a CONNECT: nothing lets it pass on to the next middleware. On the socket's shard or,
/// through its SocketRef, later; must be called once, else the connect time-out ends it.
using Next = UniqueFunction<void(std::optional<ConnectError>)>;

/// A broadcast, encoded once. Immutable; shared by all shards.
///
/// A socket gets it when it is in any of `rooms` (all sockets of the namespace when there are
/// none), once, and in none of `except`. `socket_sid` (if set) narrows to that socket.
struct Delivery {
  std::vector<std::string> rooms;
  std::vector<std::string> except;
  std::string socket_sid;
  /// Rooms of sockets that `check` is asked about, on their shard, unless they have it by `rooms`.
  /// With a `check` an empty list of rooms means nobody, and `socket_sid` is asked about too.
  std::vector<std::string> checked_rooms;
  std::function<bool(const Socket&)> check;
  std::shared_ptr<const net::EncodedFrame> with_offset;  ///< for clients that take part in recovery
  std::shared_ptr<const net::EncodedFrame> plain;        ///< for the others
  std::vector<std::shared_ptr<const net::EncodedFrame>> attachments;
  /// The position in the log after this one; sockets that connect later start from it.
  std::string offset;
  bool is_volatile = false;  ///< not for sockets whose transport is not writable right now
};
using DeliveryBatch = std::vector<std::shared_ptr<const Delivery>>;

/// A broadcast that is not encoded yet.
struct Broadcast {
  std::string event;
  Args args;
  std::vector<std::string> rooms;
  std::vector<std::string> except;
  bool is_volatile = false;  ///< may be lost where it cannot be sent at once; never recovered
  bool local_only = false;   ///< not for the other servers of a cluster
  bool compress = true;      ///< false: polling bodies with it are not packed, here and elsewhere
};

/// Encodes an EVENT for a namespace as one frame: `42["event",args]`, with `offset` (if not empty)
/// as one more argument. `args_json` is the inside of the array, as in Args. Attachments are not
/// counted.
std::shared_ptr<const net::EncodedFrame> EncodeEvent(std::string_view nsp, std::string_view event,
                                                     std::string_view args_json,
                                                     std::string_view offset,
                                                     const net::EncodedFrame::Options& options);
/// The same for an event with attachments; their frames follow it.
std::shared_ptr<const net::EncodedFrame> EncodeBinaryEvent(
    std::string_view nsp, std::string_view event, const Args& args, std::string_view offset,
    const net::EncodedFrame::Options& options = {});
/// Encodes a broadcast for everyone: with and without the offset, unless that is empty.
std::shared_ptr<const Delivery> EncodeDelivery(std::string_view nsp, const Broadcast& broadcast,
                                               std::string offset);

/// Sockets that share a name such as `/` or `/admin`.
///
/// Handlers are set before the server starts and run on the shard of the socket they concern;
/// they are shared by all sockets, so they keep state in Socket::data().
class Namespace {
 public:
  ~Namespace();

  using Middleware = std::function<void(Socket&, Next)>;
  using ConnectionHandler = std::function<void(Socket&)>;
  using DisconnectHandler = std::function<void(Socket&, DisconnectReason)>;
  /// `ack` is empty when the client did not ask for one.
  using EventHandler = std::function<void(Socket&, const Event&, AckFn ack)>;
  /// Looks at an event before its handler, whether there is one or not: false keeps it back. `ack` is
  /// empty when the client did not ask for one; who keeps the event back may take it to say why.
  using EventMiddleware = std::function<bool(Socket&, const Event&, AckFn& ack)>;

  const std::string& name() const { return name_; }

  void Use(Middleware middleware);
  /// They run in the order in which they were set, until one says false.
  void UseEvents(EventMiddleware middleware);
  void OnConnection(ConnectionHandler handler);
  /// Rooms are still joined when it runs.
  void OnDisconnect(DisconnectHandler handler);
  void On(std::string event, EventHandler handler);
  /// Events without a handler of their own.
  void OnAny(EventHandler handler);
  /// What other servers say with ServerSideEmit(), on the adapter's loop. Before the server starts.
  void OnServerSide(std::string event, ServerSideHandler handler);

  /// Any thread. Deliveries of one calling thread reach each socket in their order; each shard
  /// gets one message for the whole batch. Called on a shard, that shard's sockets have it before
  /// this returns. Stays in this server, whatever the adapter.
  void Deliver(DeliveryBatch batch);
  /// Any thread: encodes and delivers to everyone in `rooms` (all when empty), in all servers.
  void Emit(std::string_view event, const Args& args, std::vector<std::string> rooms = {},
            std::vector<std::string> except = {});
  void Emit(const Broadcast& broadcast);

  // The following reach over all servers when the namespace has an adapter. Any thread; callbacks
  // run once, on the shard of the caller or, for other threads, on the first shard.

  /// Emits and gathers what the clients acknowledge, until all have or `timeout` (above 0) is over.
  void EmitWithAck(const Broadcast& broadcast, std::chrono::milliseconds timeout,
                   std::function<void(BroadcastAcks)> done);
  void SocketsJoin(const SocketFilter& filter, const std::vector<std::string>& rooms);
  void SocketsLeave(const SocketFilter& filter, const std::vector<std::string>& rooms);
  /// With `close` their whole connections end.
  void DisconnectSockets(const SocketFilter& filter, bool close);
  /// Fails with `timeout` when a server does not answer.
  void FetchSockets(const SocketFilter& filter,
                    std::function<void(Result<std::vector<RemoteSocket>>)> done);
  /// To the other servers: `arguments_json` is an array, first the event's name (a string). `done`
  /// (may be empty: no answers wanted) gets one answer a server.
  void ServerSideEmit(std::string arguments_json, std::function<void(ServerAnswers)> done = {});
  /// How many servers there are, with this one.
  void ServerCount(std::function<void(Result<uint64_t>)> done);
  /// The same operations for this server's sockets only.
  LocalSockets& local() { return local_; }
  bool has_adapter() const { return seat_ != nullptr; }

  /// On `shard`'s thread: the socket, or nullptr when it is gone.
  Socket* Find(net::Shard& shard, SocketRef ref) const;
  /// Any thread: runs `task` on the socket's shard unless it is gone by then.
  void WithSocket(SocketRef ref, std::function<void(Socket&)> task);
  /// On `shard`'s thread: sockets seated there, and the offset of the last delivery it made.
  size_t socket_count(net::Shard& shard) const;
  const std::string& last_offset(net::Shard& shard) const;
  /// On `shard`'s thread: all sockets seated there, in no order.
  std::vector<SocketRef> Sockets(net::Shard& shard) const;
  /// The shards its sockets may live on, by index.
  const std::vector<net::Shard*>& shards() const { return shards_; }

 private:
  friend class Client;
  friend class LocalSockets;
  friend class NamespaceShard;
  friend class Server;

  struct Handlers {
    std::vector<Middleware> middlewares;
    std::vector<EventMiddleware> event_middlewares;
    std::vector<ConnectionHandler> connection;
    std::vector<DisconnectHandler> disconnect;
    std::unordered_map<std::string, EventHandler, StringHash, std::equal_to<>> events;
    EventHandler any;
    std::unordered_map<std::string, ServerSideHandler, StringHash, std::equal_to<>> server_side;
  };

  Namespace(std::string name, std::vector<net::Shard*> shards,
            const std::vector<ShardPart*>& parts);
  NamespaceShard& Part(net::Shard& shard) const;
  /// Where a caller's callbacks run.
  net::Shard& HomeOfCaller() const;
  /// Runs `call` with the adapter on its loop, unless it is gone; false: there is none at all.
  template <typename Call>
  bool WithAdapter(Call call) const;

  std::string name_;
  std::vector<net::Shard*> shards_;
  std::vector<std::unique_ptr<NamespaceShard>> parts_;
  Handlers handlers_;
  Recovery* recovery_ = nullptr;
  std::function<bool(const Socket&)> participates_;
  std::shared_ptr<AdapterSeat> seat_;
  LocalSockets local_{*this};
};

}  // namespace trackwire::socketio
