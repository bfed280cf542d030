#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "socketio/codec.h"
#include "socketio/namespace.h"

namespace trackwire::socketio {

/// The part that operators have in common: who is meant, and how they are to be reached.
///
/// Those in any of the rooms of To() and In() (all sockets without a room) that are in none of
/// Except(); a socket's sid is a room too. Each is reached once. Each function returns another
/// operator and leaves this one as it is.
template <typename Operator>
class BroadcastChain {
 public:
  Operator To(const RoomNames& rooms) const {
    return Changed([&](Broadcast& to) { Append(to.rooms, rooms); });
  }
  Operator In(const RoomNames& rooms) const { return To(rooms); }
  Operator Except(const RoomNames& rooms) const {
    return Changed([&](Broadcast& to) { Append(to.except, rooms); });
  }
  /// The sockets of this server only.
  Operator Local() const {
    return Changed([](Broadcast& to) { to.local_only = true; });
  }
  /// May be lost where it cannot be sent at once, and is never recovered.
  Operator Volatile() const {
    return Changed([](Broadcast& to) { to.is_volatile = true; });
  }
  /// Whether it is worth compressing, true by default: with false polling bodies with it are not,
  /// here and elsewhere.
  Operator Compress(bool compress) const {
    return Changed([&](Broadcast& to) { to.compress = compress; });
  }

 protected:
  Broadcast Make(std::string_view event, Args args) const {
    Broadcast broadcast = to_;
    broadcast.event = event;
    broadcast.args = std::move(args);
    return broadcast;
  }
  SocketFilter Filter() const { return {to_.rooms, to_.except}; }
  bool local_only() const { return to_.local_only; }

 private:
  template <typename Change>
  Operator Changed(const Change& change) const {
    Operator next = static_cast<const Operator&>(*this);
    change(static_cast<BroadcastChain&>(next).to_);
    return next;
  }
  static void Append(std::vector<std::string>& to, const RoomNames& rooms) {
    to.insert(to.end(), rooms.all().begin(), rooms.all().end());
  }

  Broadcast to_;  // no event and no arguments yet
};

/// Chosen sockets of a namespace, in all servers, and what happens to them:
///
///     nsp.To("room").To({"a", "b"}).Except("c").Emit("news", 1, "two");
///     nsp.In("room").Timeout(5s).EmitWithAck("question", 1, [](BroadcastAcks acks) { … });
///     socket.To("room").Emit("moved", latitude, longitude);   // everyone there but this socket
///
/// A value, so a part of a chain may be kept and used again, until the server is destroyed. Any
/// thread; callbacks run as Namespace says.
class [[nodiscard]] BroadcastOperator : public BroadcastChain<BroadcastOperator> {
 public:
  explicit BroadcastOperator(Namespace& nsp) : nsp_(&nsp), hold_(nsp.Hold()) {}

  /// How long EmitWithAck() waits, above 0; kDefaultAckTimeout by default.
  BroadcastOperator Timeout(std::chrono::milliseconds timeout) const;

  /// Any values that have a codec.
  template <typename... T>
  void Emit(std::string_view event, const T&... values) const {
    EmitArgs(event, MakeArgs(values...));
  }
  /// The last argument is called once with BroadcastAcks: what came in time, partly if need be.
  /// With Volatile() a client that cannot be sent to counts as one that does not answer.
  template <typename... T>
  void EmitWithAck(std::string_view event, T&&... values_and_callback) const;

  /// With Local() of this server only.
  void FetchSockets(std::function<void(Result<std::vector<RemoteSocket>>)> done) const;
  void SocketsJoin(const RoomNames& rooms) const;
  void SocketsLeave(const RoomNames& rooms) const;
  /// With `close` their whole connections end.
  void DisconnectSockets(bool close = false) const;

 private:
  void EmitArgs(std::string_view event, Args args) const;
  void EmitArgsWithAck(std::string_view event, Args args,
                       std::function<void(BroadcastAcks)> done) const;

  Namespace* nsp_;
  NamespaceHold hold_;
  std::chrono::milliseconds timeout_ = kDefaultAckTimeout;
};

/// Calls `use` with the Args made of all values but the last, and with the last, a callback.
template <typename Use, typename... T>
decltype(auto) SplitCallback(Use use, T&&... values_and_callback) {
  static_assert(sizeof...(T) > 0, "the last argument is a callback");
  constexpr size_t kValues = sizeof...(T) - 1;
  auto all = std::forward_as_tuple(std::forward<T>(values_and_callback)...);
  return [&]<size_t... I>(std::index_sequence<I...>)->decltype(auto) {
    return use(MakeArgs(std::get<I>(all)...), std::get<kValues>(std::move(all)));
  }
  (std::make_index_sequence<kValues>());
}

template <typename... T>
void BroadcastOperator::EmitWithAck(std::string_view event, T&&... values_and_callback) const {
  SplitCallback(
      [&](Args args, auto&& callback) {
        EmitArgsWithAck(event, std::move(args), std::forward<decltype(callback)>(callback));
      },
      std::forward<T>(values_and_callback)...);
}

template <typename... T>
requires(kAreValues<T...>) void Namespace::Emit(std::string_view event, const T&... values) {
  Emit(event, MakeArgs(values...));
}

template <typename... T>
requires(kAreValues<T...>) void Namespace::EmitWithAck(std::string_view event,
                                                       T&&... values_and_callback) {
  BroadcastOperator(*this).EmitWithAck(event, std::forward<T>(values_and_callback)...);
}

template <typename... T>
bool Namespace::ServerSideEmit(std::string_view event, const T&... values) {
  return TellServers(event, MakeArgs(values...), {});
}

template <typename... T>
bool Namespace::ServerSideEmitWithAck(std::string_view event, T&&... values_and_callback) {
  return SplitCallback(
      [&](const Args& args, auto&& callback) {
        return TellServers(event, args, std::forward<decltype(callback)>(callback));
      },
      std::forward<T>(values_and_callback)...);
}

}  // namespace trackwire::socketio
