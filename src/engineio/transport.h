#pragma once

#include <optional>
#include <string_view>

#include "engineio/close_reason.h"
#include "engineio/packet.h"
#include "net/frame.h"

namespace trackwire::engineio {

/// Gets what a transport receives, on the session's shard.
class TransportListener {
 public:
  virtual void OnPacket(const Packet& packet) = 0;
  /// Something came that is no packet but costs something: a ping or pong of the WebSocket.
  virtual void OnControl() {}
  /// Something that is no packet came.
  virtual void OnBadPacket(DecodeError error) = 0;
  /// The transport is unusable; the last call.
  virtual void OnTransportLost(CloseReason reason) = 0;

 protected:
  ~TransportListener() = default;
};

/// The way a session's packets travel now.
///
/// A listener may destroy the transport from within its calls.
class Transport {
 public:
  virtual ~Transport() = default;

  /// Before anything can be received.
  void set_listener(TransportListener* listener) { listener_ = listener; }

  /// `polling` or `websocket`.
  virtual std::string_view name() const = 0;
  /// Whether a packet sent now would leave at once.
  virtual bool writable() const = 0;
  /// Queues a packet; `control` is exempt from the limits. Never calls the listener back: a
  /// transport that breaks meanwhile says so in lost().
  virtual void Send(net::FrameRef frame, bool control) = 0;
  /// Why the transport broke in the middle of a Send().
  std::optional<CloseReason> lost() const { return lost_; }
  /// Writes what Send() queued, where that is not the business of the layer below.
  virtual void Flush() {}
  /// Ends after what is queued. False: that has to wait for the client.
  virtual bool Close() = 0;
  /// Ends now; a client that waits for an answer gets the packet `last`.
  virtual void Terminate(PacketType last) = 0;

  /// Long-polling: lets a waiting GET go with the packet `last`, before anything queued. False
  /// when none waits.
  virtual bool Release(PacketType) { return false; }
  /// Long-polling: what waits for the next GET, for another transport to send instead; an empty
  /// reference when nothing does.
  virtual net::FrameRef TakeNext() { return {}; }

 protected:
  TransportListener* listener_ = nullptr;
  std::optional<CloseReason> lost_;
};

}  // namespace trackwire::engineio
