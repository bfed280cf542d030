#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/unique_function.h"
#include "net/frame.h"
#include "net/http/message.h"
#include "socketio/room_index.h"
#include "socketio/room_names.h"

namespace trackwire::net {
class Shard;
}

namespace trackwire::socketio {

class BroadcastOperator;
class Client;
class Namespace;
class NamespaceShard;
class PendingAcks;
class Socket;
class SocketListeners;
class SocketOperator;
struct Delivery;
struct OutgoingPacket;
struct Resumption;

/// What a client said when it came: the HTTP request that opened its connection and the auth
/// object of its CONNECT packet. Freed after the connection handlers have run, unless
/// Options::keep_handshake.
struct Handshake {
  net::http::Headers headers;
  net::http::Query query;
  std::string auth_json = "{}";  ///< a JSON object, as sent
  std::string target;            ///< of the request, as sent
  std::string address;           ///< of the peer, without port
  bool secure = false;
  /// Value of a cookie of the opening request, if any.
  std::optional<std::string> Cookie(std::string_view name) const;
};

/// Official reasons of a socket's end, as the Socket.IO documents spell them.
enum class DisconnectReason : uint8_t {
  kTransportError,
  kTransportClose,
  kForcedClose,
  kPingTimeout,
  kParseError,
  kServerShuttingDown,
  kForcedServerClose,
  kClientNamespaceDisconnect,
  kServerNamespaceDisconnect,
};
const char* ToString(DisconnectReason reason);
/// Whether a socket that ended so may come back and resume (connection state recovery).
bool IsRecoverable(DisconnectReason reason);

/// Names a socket from any thread; resolved on its shard only.
struct SocketRef {
  uint16_t shard = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;
  friend bool operator==(const SocketRef&, const SocketRef&) = default;
};

/// One argument list on its way in: an event's name, its arguments as they were sent, and the
/// binary attachments its placeholders stand for. Borrowed during the handler's call.
struct Event {
  std::string_view name;
  /// The JSON array of the arguments without the name: `[1,{"a":true}]`.
  std::string_view args_json;
  std::vector<std::string_view> attachments;
};

/// Arguments of an event or an ack on their way out: the inside of a JSON array, without its
/// brackets (`1,{"a":true}`), written as it is, and the attachments of its placeholders
/// `{"_placeholder":true,"num":0}` in order. Must be valid JSON; the sender answers for it.
struct Args {
  std::string json;
  std::vector<std::string> attachments;
};

/// Whether arguments are values with codecs, rather than Args whose JSON is written already.
template <typename... T>
inline constexpr bool kAreValues = true;
template <typename First, typename... More>
inline constexpr bool kAreValues<First, More...> =
    !std::is_same_v<std::remove_cvref_t<First>, Args>;

/// Answers an event that asked for it. Only the first call counts; may be called later, on the
/// socket's shard; does nothing when the socket is gone.
using AckFn = UniqueFunction<void(Args)>;
/// Gets what a client acknowledged, or `timed_out`.
using AckResult = UniqueFunction<void(bool timed_out, std::string_view args_json,
                                      const std::vector<std::string_view>& attachments)>;

/// Names what was set on a socket, to take it off again. Never 0.
using ListenerId = uint64_t;
/// `ack` is empty when the client did not ask for one.
using EventHandler = std::function<void(Socket&, const Event&, AckFn ack)>;
/// Looks at an event before its handlers, whether there are any or not: false keeps it back. `ack`
/// is empty when the client did not ask for one; who keeps the event back may take it to say why.
using EventMiddleware = std::function<bool(Socket&, const Event&, AckFn& ack)>;
/// Hears of events, of those that come or of those that go.
using EventListener = std::function<void(Socket&, const Event&)>;
using ConnectionHandler = std::function<void(Socket&)>;
using DisconnectHandler = std::function<void(Socket&, DisconnectReason)>;

/// What the program keeps with a socket; freed with it.
class SocketData {
 public:
  virtual ~SocketData() = default;
};

/// A client's seat in one namespace. Belongs to its shard's thread; never kept across
/// suspensions (keep ref()).
class Socket final : public RoomMember {
 public:
  const std::string& sid() const { return sid_; }
  /// The private session id of connection state recovery; empty when the client takes no part.
  const std::string& pid() const;
  Namespace& nsp() const;
  SocketRef ref() const;
  net::Shard& shard() const;
  bool connected() const { return state_ == State::kConnected; }
  /// "polling" or "websocket", now.
  std::string_view transport() const;
  /// Only until the connection handlers return, unless Options::keep_handshake.
  const Handshake* handshake() const { return handshake_.get(); }
  /// Whether the missed events of an earlier connection were replayed.
  bool recovered() const { return recovered_; }
  /// Whether events carry an offset as their last argument for this client.
  bool wants_offsets() const { return recovery_ != nullptr; }

  void set_data(std::unique_ptr<SocketData> data) { data_ = std::move(data); }
  SocketData* data() const { return data_.get(); }
  /// The program's part of the recovery record: saved with it, given back after a resumption.
  /// Nothing for clients that take no part.
  void set_recovery_data(std::string data);
  const std::string& recovery_data() const;

  /// What all servers of a cluster may know of the socket, as a JSON object (`data` of the npm
  /// server): others get it with Namespace::FetchSockets().
  void set_shared_data(std::string json);
  const std::string& shared_data() const;

  void Join(std::string_view room);
  void Leave(std::string_view room);
  bool InRoom(std::string_view room) const;
  /// Without the room of its own that each socket has under its sid.
  std::vector<std::string> Rooms() const;

  /// Sends an event. `offset` (if not empty) is added as last argument for clients that take part
  /// in recovery.
  void Emit(std::string_view event, const Args& args, std::string_view offset = {});
  /// Dropped when the transport is not writable right now.
  void EmitVolatile(std::string_view event, const Args& args);
  /// `result` runs once: with the client's arguments, or as timed out after `timeout` (0: never)
  /// and when the socket ends.
  void EmitWithAck(std::string_view event, const Args& args, std::chrono::milliseconds timeout,
                   AckResult result);
  /// Leaves the namespace with a DISCONNECT packet; with `close` the whole connection ends.
  /// Official clients do not come back by themselves after this.
  void Disconnect(bool close);
  /// Ends the whole connection without a DISCONNECT packet, unsent data too: the client comes
  /// back. For connections that somebody else took over.
  void CloseConnection();

  // The same with values, and what reaches others. Templates are defined in typed_handler.h and
  // socket_operator.h; socketio/socketio.h has them all.

  /// Sends an event with any values that have a codec: `socket.Emit("news", 1, "two")`.
  template <typename... T>
    requires(kAreValues<T...>)
  void Emit(std::string_view event, const T&... values);
  /// The last argument is called once with a Reply<T...>, or with what an AckResult gets:
  /// `socket.EmitWithAck("add", 1, 2, [](Reply<int> sum) { … })`. Without Timeout() it waits as
  /// long as the socket lives.
  template <typename... T>
    requires(kAreValues<T...>)
  void EmitWithAck(std::string_view event, T&&... values_and_callback);
  /// Its arguments are the handler's parameters, see typed_handler.h.
  template <typename Handler>
    requires(!std::is_convertible_v<Handler, EventHandler>)
  ListenerId On(std::string event, Handler handler);
  template <typename Handler>
    requires(!std::is_convertible_v<Handler, EventHandler>)
  ListenerId Once(std::string event, Handler handler);
  /// Emits to this socket, but…: see SocketOperator.
  SocketOperator Volatile();
  SocketOperator Compress(bool compress);
  SocketOperator Timeout(std::chrono::milliseconds timeout);
  /// To others: those in any of the rooms, those in none of them, all. Never this socket.
  BroadcastOperator To(const RoomNames& rooms);
  BroadcastOperator In(const RoomNames& rooms);
  BroadcastOperator Except(const RoomNames& rooms);
  BroadcastOperator Broadcast();
  BroadcastOperator Local();

  // Handlers of this one socket, in its shard's thread at any time. They run behind those of the
  // namespace (see HandlerSet) in the order they were set, and may take themselves or others off
  // or end the socket: what was taken off is not called any more, what was added hears the next
  // event. A socket without any pays nothing for them.

  /// Several of one event all run; each has the acknowledgement, and only the first answer counts.
  ListenerId On(std::string event, EventHandler handler);
  /// Taken off before its first call.
  ListenerId Once(std::string event, EventHandler handler);
  /// Between the namespace's middlewares of events and the handlers.
  ListenerId Use(EventMiddleware middleware);
  /// Hears every event that comes, before middlewares and handlers, behind the namespace's.
  ListenerId OnAny(EventListener listener);
  /// Before the socket's other catch-alls.
  ListenerId PrependAny(EventListener listener);
  /// Hears every event to this socket, broadcasts too, once it is queued.
  ListenerId OnAnyOutgoing(EventListener listener);
  ListenerId PrependAnyOutgoing(EventListener listener);
  /// The client changed from polling to a WebSocket.
  ListenerId OnUpgrade(ConnectionHandler handler);
  ListenerId OnDisconnecting(DisconnectHandler handler);
  /// Rooms are still joined when it runs; the socket is not connected() any more.
  ListenerId OnDisconnect(DisconnectHandler handler);
  /// Takes off what any of the functions above set; false: it is off already.
  bool Off(ListenerId id);
  /// Takes all handlers of an event off.
  void Off(std::string_view event);
  /// Takes off one of the catch-alls for what comes, or all of them.
  bool OffAny(ListenerId id) { return Off(id); }
  void OffAny();
  /// Takes off one of the catch-alls for what goes, or all of them.
  bool OffAnyOutgoing(ListenerId id) { return Off(id); }
  void OffAnyOutgoing();

  Socket(uint32_t slot, uint32_t generation, NamespaceShard& home, Client& client,
         std::unique_ptr<Handshake> handshake);
  ~Socket();

 private:
  friend class Client;
  friend class Namespace;
  friend class NamespaceShard;
  friend class SocketOperator;

  enum class State : uint8_t { kConnecting, kConnected, kGone };
  /// What only clients have that take part in recovery.
  struct RecoveryPart {
    std::string pid;
    std::string data;
    bool changed = false;
  };
  /// What other servers may ask for; made when there is something to keep.
  struct SharedPart {
    std::string handshake_json = "{}";
    std::string data_json = "{}";
  };
  /// What few sockets have, behind one pointer.
  struct Extras;
  Extras& MakeExtras();
  SharedPart& MakeShared();
  const SharedPart* shared() const;
  PendingAcks& MakeAcks();
  PendingAcks* acks() const;
  SocketListeners& MakeListeners();
  SocketListeners* listeners() const;
  /// Whether anybody wants to hear what goes to this socket.
  bool HasOutgoingListeners() const;
  void NotifyOutgoing(const Event& event);
  void NotifyOutgoing(std::string_view name, const Args& args, std::string_view offset);

  /// How an event goes to this socket alone.
  struct EmitFlags {
    bool is_volatile = false;
    bool compress = true;
  };
  void EmitWith(const EmitFlags& flags, std::string_view event, const Args& args,
                std::string_view offset);
  /// Encodes a packet of this namespace and sends it; with `compress` false as
  /// Broadcast::compress says.
  void Send(OutgoingPacket packet, bool compress = true);
  void SendEvent(std::string_view id, std::string_view event, const Args& args,
                 std::string_view offset, bool compress);
  void SendFrame(const net::FrameRef& frame);
  /// Asks the client; a volatile question may be lost, which is noticed by its time-out only.
  void Ask(const EmitFlags& flags, std::string_view event, const Args& args,
           std::chrono::milliseconds timeout, AckResult result);
  bool IsWritable() const;
  void SendAck(std::string_view id, const Args& args);
  void RecordChanged();

  std::string sid_;
  Client* client_;
  NamespaceShard* home_;
  std::unique_ptr<Handshake> handshake_;
  std::unique_ptr<SocketData> data_;
  std::unique_ptr<RecoveryPart> recovery_;
  std::unique_ptr<Extras> extras_;
  uint32_t slot_;
  uint32_t generation_;
  uint32_t seat_ = 0;  // in the list of all sockets of the namespace here
  State state_ = State::kConnecting;
  bool recovered_ = false;
  bool resume_failed_ = false;  // it asked before the middlewares
};

}  // namespace trackwire::socketio
