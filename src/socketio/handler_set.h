#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "base/unique_function.h"
#include "socketio/cluster.h"
#include "socketio/room_index.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// Why a middleware refuses a CONNECT: the client gets it as `connect_error`.
struct ConnectError {
  std::string message;
  std::string data_json;  ///< `data` of the error; empty: none
};

/// Continues a CONNECT: nothing lets it pass on to the next middleware. On the socket's shard or,
/// through its SocketRef, later; must be called once, else the connect time-out ends it.
using Next = UniqueFunction<void(std::optional<ConnectError>)>;

/// What a program does with the sockets of a namespace: Namespace and ParentNamespace are such
/// sets.
///
/// Handlers are set before the server starts, those of a child of a ParentNamespace in its
/// OnCreate. They run on the shard of the socket they concern and are shared by all sockets, so
/// they keep state in Socket::data(). An event goes through
/// 1. the catch-alls, the namespace's before the socket's own,
/// 2. the middlewares of events, likewise, until one of them keeps it back,
/// 3. the namespace's handlers of that event, then the socket's; with neither, OnOther().
/// Each in the order they were set, until one of them ends the socket. When one throws, the
/// client's connection ends and the rest does not run.
class HandlerSet {
 public:
  using Middleware = std::function<void(Socket&, Next)>;
  using ConnectionHandler = socketio::ConnectionHandler;
  using DisconnectHandler = socketio::DisconnectHandler;
  using EventHandler = socketio::EventHandler;
  using EventMiddleware = socketio::EventMiddleware;
  using InvalidHandler = std::function<void(Socket&, const Event&, std::string_view why)>;

  void Use(Middleware middleware);
  /// They run in the order in which they were set, until one says false.
  void UseEvents(EventMiddleware middleware);
  void OnConnection(ConnectionHandler handler);
  /// The client changed from polling to a WebSocket: Socket::transport() says so.
  void OnUpgrade(ConnectionHandler handler);
  /// A connected socket ends; before OnDisconnect(). The same in all but the order.
  void OnDisconnecting(DisconnectHandler handler);
  /// Rooms are still joined when it runs; the socket is not connected() any more.
  void OnDisconnect(DisconnectHandler handler);
  /// Several of one event all run; each has the acknowledgement, and only the first answer counts.
  void On(std::string event, EventHandler handler);
  /// Events that neither the namespace nor the socket has a handler for; the last one set.
  void OnOther(EventHandler handler);
  /// Hears every event that comes, before middlewares and handlers.
  void OnAny(EventListener listener);
  /// Hears every event to each of the sockets, broadcasts too, once it is queued; acknowledgements
  /// and what is replayed after a resumption are none. A broadcast costs a call for each socket.
  void OnAnyOutgoing(EventListener listener);
  /// What other servers say with ServerSideEmit(), on the adapter's loop.
  void OnServerSide(std::string event, ServerSideHandler handler);

  // Typed handlers: their parameters are the event's arguments, see typed_handler.h, which defines
  // the templates. socketio/socketio.h has them all.

  template <typename Handler>
    requires(!std::is_convertible_v<Handler, EventHandler>)
  void On(std::string event, Handler handler);
  /// Values by their codecs, and an Ack at last. What does not fit is logged.
  template <typename Handler>
    requires(!std::is_convertible_v<Handler, ServerSideHandler>)
  void OnServerSide(std::string event, Handler handler);
  /// Told of each event whose arguments do not fit a typed handler, which is not called then. `why`
  /// is for people ("argument 2: not a string") and borrowed, as the event is.
  void OnInvalid(InvalidHandler handler);

 protected:
  struct Handlers {
    std::vector<Middleware> middlewares;
    std::vector<EventMiddleware> event_middlewares;
    std::vector<ConnectionHandler> connection;
    std::vector<ConnectionHandler> upgrade;
    std::vector<DisconnectHandler> disconnecting;
    std::vector<DisconnectHandler> disconnect;
    std::unordered_map<std::string, std::vector<EventHandler>, StringHash, std::equal_to<>> events;
    EventHandler other;
    std::vector<EventListener> any;
    std::vector<EventListener> any_outgoing;
    std::vector<InvalidHandler> invalid;
    std::unordered_map<std::string, ServerSideHandler, StringHash, std::equal_to<>> server_side;
  };

  HandlerSet();
  ~HandlerSet();
  const Handlers& handlers() const { return *handlers_; }
  /// Starts from what the other has; what is added later is each one's own.
  void CopyHandlers(const HandlerSet& other) { handlers_ = other.handlers_; }

 private:
  /// Children have their parent's handlers in common until they add some of their own.
  Handlers& Edit();

  std::shared_ptr<Handlers> handlers_;
};

}  // namespace trackwire::socketio
