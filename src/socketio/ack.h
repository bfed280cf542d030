#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "socketio/cluster.h"
#include "socketio/codec.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// Answers an event that asked for it, with any values that have a codec: `ack("saved", 7)`.
///
/// False when nobody asked; calling it does nothing then. Only the first call counts, of all copies
/// together. Cheap to copy, may be kept and called later and on any thread while the server lives;
/// does nothing when the socket is gone.
class Ack {
 public:
  Ack() = default;
  /// What a raw handler got; the answer leaves on `shard`, the socket's.
  Ack(net::Shard& shard, AckFn answer);
  /// Answers another server of the cluster, which gets the first value only; null without any.
  explicit Ack(ServerSideAnswer answer);

  explicit operator bool() const { return send_ != nullptr; }
  template <typename... T>
  void operator()(const T&... values) const {
    if (send_ != nullptr) (*send_)(MakeArgs(values...));
  }

 private:
  std::shared_ptr<const std::function<void(Args)>> send_;
};

}  // namespace trackwire::socketio
