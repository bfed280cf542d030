#pragma once

#include <chrono>
#include <string_view>
#include <utility>

#include "socketio/broadcast_operator.h"
#include "socketio/reply.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// How one socket is emitted to:
///
///     socket.Volatile().Emit("position", latitude, longitude);
///     socket.Timeout(5s).EmitWithAck("add", 1, 2, [](Reply<int> sum) { … });
///
/// What is set here also holds for the others, with To(), In(), Except(), Broadcast() and Local().
/// A value, to be used while its socket may be: on its shard, not across suspensions.
class [[nodiscard]] SocketOperator {
 public:
  explicit SocketOperator(Socket& socket) : socket_(&socket) {}

  /// Lost when the transport is not writable right now, and never recovered.
  SocketOperator Volatile() const;
  /// Whether it is worth compressing, true by default: with false polling bodies with it are not.
  SocketOperator Compress(bool compress) const;
  /// How long EmitWithAck() waits, above 0; by default as long as the socket lives.
  SocketOperator Timeout(std::chrono::milliseconds timeout) const;

  /// Any values that have a codec.
  template <typename... T>
  void Emit(std::string_view event, const T&... values) const {
    EmitArgs(event, MakeArgs(values...));
  }
  /// The last argument is called once with a Reply<T...>, or with what an AckResult gets. A
  /// volatile question that is lost times out.
  template <typename... T>
  void EmitWithAck(std::string_view event, T&&... values_and_callback) const {
    SplitCallback(
        [&](const Args& args, auto&& callback) {
          EmitArgsWithAck(event, args, MakeAckResult(std::forward<decltype(callback)>(callback)));
        },
        std::forward<T>(values_and_callback)...);
  }

  /// Others, never this socket.
  BroadcastOperator To(const RoomNames& rooms) const { return Broadcast().To(rooms); }
  BroadcastOperator In(const RoomNames& rooms) const { return Broadcast().To(rooms); }
  BroadcastOperator Except(const RoomNames& rooms) const { return Broadcast().Except(rooms); }
  BroadcastOperator Broadcast() const;
  BroadcastOperator Local() const { return Broadcast().Local(); }

 private:
  void EmitArgs(std::string_view event, const Args& args) const;
  void EmitArgsWithAck(std::string_view event, const Args& args, AckResult result) const;

  Socket* socket_;
  std::chrono::milliseconds timeout_{0};
  bool is_volatile_ = false;
  bool compress_ = true;
};

template <typename... T>
requires(kAreValues<T...>) void Socket::Emit(std::string_view event, const T&... values) {
  Emit(event, MakeArgs(values...));
}

template <typename... T>
requires(kAreValues<T...>) void Socket::EmitWithAck(std::string_view event,
                                                    T&&... values_and_callback) {
  SocketOperator(*this).EmitWithAck(event, std::forward<T>(values_and_callback)...);
}

}  // namespace trackwire::socketio
