#pragma once

#include "auth/rate_limits.h"
#include "socketio/namespace.h"
#include "socketio/socket.h"

namespace trackwire::notify {

struct UserSession;

/// Keeps out sockets that come too often, and events that are too many.
///
/// Shard threads, after Attach().
class SocketGate {
 public:
  /// `limits` outlives it.
  explicit SocketGate(auth::RateLimits& limits) : limits_(limits) {}

  /// Behind the door of `nsp`, which says who comes: that order counts. Before the server starts.
  void Attach(socketio::Namespace& nsp);

 private:
  void Connect(socketio::Socket& socket, socketio::Next next);
  bool Pass(socketio::Socket& socket, socketio::AckFn& ack);
  auth::EventMeter* MeterOf(UserSession& session);

  auth::RateLimits& limits_;
};

}  // namespace trackwire::notify
