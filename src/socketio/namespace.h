#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/frame.h"
#include "socketio/cluster.h"
#include "socketio/handler_set.h"
#include "socketio/local_sockets.h"
#include "socketio/namespace_hold.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

class Adapter;
class BroadcastOperator;
class NamespaceShard;
class Parser;
class Recovery;
struct AdapterSeat;
struct ShardPart;

/// The default of Options::parser: see parser.h.
const Parser& TextParser();

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

/// How long a broadcast waits for acknowledgements unless it is told otherwise.
inline constexpr std::chrono::milliseconds kDefaultAckTimeout = std::chrono::seconds(20);

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

/// Encodes an EVENT for a namespace as TextParser() does, in one frame: `42["event",args]`, with
/// `offset` (if not empty) as one more argument. `args_json` is the inside of the array, as in
/// Args. Attachments are not counted.
std::shared_ptr<const net::EncodedFrame> EncodeEvent(std::string_view nsp, std::string_view event,
                                                     std::string_view args_json,
                                                     std::string_view offset,
                                                     const net::EncodedFrame::Options& options);
/// Encodes a broadcast for everyone: with and without the offset, unless that is empty.
std::shared_ptr<const Delivery> EncodeDelivery(std::string_view nsp, const Broadcast& broadcast,
                                               std::string offset,
                                               const Parser& parser = TextParser());

/// Sockets that share a name such as `/` or `/admin`; its handlers are those of HandlerSet.
class Namespace : public HandlerSet {
 public:
  ~Namespace();

  const std::string& name() const { return name_; }
  /// What its packets are encoded with: Options::parser. Any thread.
  const Parser& parser() const { return parser_; }
  /// For who keeps a reference to it beyond a call: see NamespaceHold.
  NamespaceHold Hold() const { return NamespaceHold(life_); }

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
  void ServerSideEmitJson(std::string arguments_json,
                          std::function<void(ServerAnswers)> done = {});
  /// How many servers there are, with this one.
  void ServerCount(std::function<void(Result<uint64_t>)> done);
  /// The same operations for this server's sockets only.
  LocalSockets& local() { return local_; }
  bool has_adapter() const { return seat() != nullptr; }

  // The same with values, and in chains such as `nsp.To("room").Volatile().Emit("news", 1, "two")`.
  // Any thread. The templates are defined in broadcast_operator.h; socketio/socketio.h has all.

  /// To all sockets, with any values that have a codec.
  template <typename... T>
    requires(kAreValues<T...>)
  void Emit(std::string_view event, const T&... values);
  /// The last argument is called once with BroadcastAcks. Waits kDefaultAckTimeout.
  template <typename... T>
    requires(kAreValues<T...>)
  void EmitWithAck(std::string_view event, T&&... values_and_callback);
  /// To the other servers, which hear it by OnServerSide(). Nothing is sent, and false returned and
  /// logged, when there is binary among the values: servers tell each other JSON only.
  template <typename... T>
  bool ServerSideEmit(std::string_view event, const T&... values);
  /// The last argument is called once with ServerAnswers, also when nothing can be sent.
  template <typename... T>
  bool ServerSideEmitWithAck(std::string_view event, T&&... values_and_callback);

  /// Those in any of the rooms; To() and In() are the same.
  BroadcastOperator To(const RoomNames& rooms);
  BroadcastOperator In(const RoomNames& rooms);
  /// Those in none of the rooms.
  BroadcastOperator Except(const RoomNames& rooms);
  /// Those of this server.
  BroadcastOperator Local();
  BroadcastOperator Volatile();
  BroadcastOperator Compress(bool compress);
  BroadcastOperator Timeout(std::chrono::milliseconds timeout);
  /// All sockets.
  void SocketsJoin(const RoomNames& rooms) { SocketsJoin(SocketFilter(), rooms.all()); }
  void SocketsLeave(const RoomNames& rooms) { SocketsLeave(SocketFilter(), rooms.all()); }
  void DisconnectSockets(bool close = false) { DisconnectSockets(SocketFilter(), close); }
  void FetchSockets(std::function<void(Result<std::vector<RemoteSocket>>)> done) {
    FetchSockets(SocketFilter(), std::move(done));
  }
  /// Counts and reports an event whose arguments do not fit its handler, as typed handlers do; raw
  /// ones may. On the socket's shard.
  void RefuseArguments(Socket& socket, const Event& event, std::string_view why);

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
  friend class BroadcastOperator;
  friend class Client;
  friend class LocalSockets;
  friend class NamespaceRegistry;
  friend class NamespaceShard;
  friend class Server;

  Namespace(std::string name, std::vector<net::Shard*> shards,
            const std::vector<ShardPart*>& parts, uint32_t first_generation);
  void Seat(std::unique_ptr<Adapter> adapter, bool share_credentials);
  /// Null while there is none, and while another thread still makes this namespace.
  AdapterSeat* seat() const { return seated_.load(std::memory_order_acquire); }
  NamespaceShard& Part(net::Shard& shard) const;
  /// Where a caller's callbacks run.
  net::Shard& HomeOfCaller() const;
  /// Runs `call` with the adapter on its loop, unless it is gone; false: there is none at all.
  template <typename Call>
  bool WithAdapter(Call call) const;
  bool TellServers(std::string_view event, const Args& args,
                   std::function<void(ServerAnswers)> done);

  std::string name_;
  const Parser& parser_;
  std::vector<net::Shard*> shards_;
  std::vector<std::unique_ptr<NamespaceShard>> parts_;
  Recovery* recovery_ = nullptr;
  std::function<bool(const Socket&)> participates_;
  std::shared_ptr<AdapterSeat> seat_;  // see seat()
  std::atomic<AdapterSeat*> seated_{nullptr};
  bool dynamic_ = false;                 // made for clients
  std::shared_ptr<NamespaceLife> life_;  // of one that goes with the last who uses it
  LocalSockets local_{*this};
};

}  // namespace trackwire::socketio
