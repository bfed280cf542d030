#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "net/frame.h"

namespace trackwire::net {
class Shard;
}

namespace trackwire::net::websocket {

class StreamConnection;

/// Why a WebSocket ended, as its listener is told.
enum class CloseCause : uint8_t {
  kPeerClosed,      ///< a close frame came
  kConnectionLost,  ///< end of file, reset or write error without one
  kProtocolError,   ///< the peer broke RFC 6455 (closed with 1002 or 1007)
  kTooLarge,        ///< a message over the limit (closed with 1009)
  kSlowConsumer,    ///< the backlog passed its hard limit; nothing more was sent
  kTooSlow,         ///< a message was not complete in time (closed with 1008)
  kNoRoom,          ///< the shard had no room for more of a message (closed with 1013)
};

struct StreamOptions {
  size_t max_message_bytes = 1'000'000;
  /// How long a closed stream waits for the peer's close frame before it is dropped.
  std::chrono::milliseconds close_timeout = std::chrono::seconds(5);
  /// From the first byte of a message to its last, and a second more for each `min_bytes_per_second`
  /// of it that came: fragments without an end do not hold what was gathered for ever.
  std::chrono::milliseconds message_timeout = std::chrono::seconds(30);
  size_t min_bytes_per_second = 500;  ///< 0: a message may take any time
};

/// Gets the messages of one WebSocket on its shard's thread.
class Listener {
 public:
  /// A whole message; `payload` is valid during the call, text is UTF-8. What it throws is logged
  /// and ends the connection, told as kConnectionLost.
  virtual void OnMessage(FrameKind kind, std::string_view payload) = 0;
  /// A ping or pong came; a ping is answered below this.
  virtual void OnControl() {}
  /// The last call. `code` is what the peer's close frame said, or 1005 or 1006. Not called after
  /// Stream::Close() or Abort() by our side.
  virtual void OnClosed(CloseCause cause, uint16_t code) = 0;

 protected:
  ~Listener() = default;
};

/// A handle to the sending side of one WebSocket; cheap to copy, never dangling.
///
/// All calls on the connection's shard. Pings of the peer are answered below this.
class Stream {
 public:
  Stream() = default;

  bool open() const;
  /// Queues a frame; everything queued in one turn of the loop leaves in one call of the kernel.
  /// May drop the connection as kSlowConsumer, which the listener learns in the same turn.
  void Send(FrameRef frame) const;
  /// As Send(), exempt from the limits of the backlog: heartbeats.
  void SendControl(FrameRef frame) const;
  /// What waits in the backlog, in bytes.
  size_t buffered_bytes() const;
  /// Sends what is queued and a close frame, waits a while for the peer's, then closes. The
  /// listener is not called any more. Code 0 sends a close frame without a code.
  void Close(uint16_t code, std::string_view reason) const;
  /// Drops the connection now, unsent bytes too. The listener is not called any more.
  void Abort() const;

 private:
  friend class StreamConnection;
  Stream(Shard* shard, uint32_t slot, uint32_t generation)
      : shard_(shard), slot_(slot), generation_(generation) {}

  Shard* shard_ = nullptr;
  uint32_t slot_ = 0;
  uint32_t generation_ = 0;
};

}  // namespace trackwire::net::websocket
