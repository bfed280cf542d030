#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/address_limit.h"
#include "net/out_queue.h"

namespace trackwire::net {

/// What is spoken on a connection: HTTP first, WebSocket after an upgrade.
///
/// Called on the connection's shard. Any call may close the connection; the object itself lives on
/// until the end of the turn. Nothing is called after a close by our side. What a call throws is
/// logged and breaks the connection.
class Protocol {
 public:
  virtual ~Protocol() = default;

  /// Bytes came. They lie in the shard's read buffer and may be changed in place.
  virtual void OnBytes(char* data, size_t size) = 0;
  /// The peer will send nothing more; reading has been switched off. Writing may still work.
  virtual void OnEndOfInput() = 0;
  /// The connection is gone; last call.
  virtual void OnLost() = 0;
  /// The socket takes bytes again after it did not; the queue of frames, if any, is empty by now.
  virtual void OnWritable() {}
  /// End of a turn in which MarkDirty() was called, before the frames go out.
  virtual void OnTurnEnd() {}
  /// The backlog passed its limit and was dropped with the connection; last call.
  virtual void OnSlowConsumer() { OnLost(); }
};

/// One socket in its shard's slab. What an idle client costs is this and its Protocol.
///
/// Plain data, changed by Connections alone; `protocol` apart, users only read it.
class Connection {
 public:
  enum class Kind : uint8_t { kFree, kHttp, kWebSocket };
  enum class Doom : uint8_t { kNone, kSlowConsumer, kBroken };

  uint32_t slot() const { return slot_; }
  uint32_t generation() const { return generation_; }
  Kind kind() const { return kind_; }
  int fd() const { return fd_; }
  Protocol* protocol() const { return protocol_.get(); }
  /// What waits to go out.
  const OutQueue& out() const { return out_; }
  /// Whether write readiness is awaited: the socket took less than it was given, or the connection
  /// had its share of a turn.
  bool blocked() const { return blocked_; }
  bool reading() const { return reading_; }
  /// Whether it speaks TLS.
  bool encrypted() const { return tls_; }
  /// Whether it is about to end with this turn: nothing more comes in or goes out.
  bool doomed() const { return doom_ != Doom::kNone; }

 private:
  friend class Connections;

  static constexpr uint32_t kNone = UINT32_MAX;

  std::unique_ptr<Protocol> protocol_;
  OutQueue out_;
  AddressLimit::Seat seat_;
  // Neighbours in the list of those that wait for a request, longest first; kNone at its ends.
  uint32_t waiting_before_ = kNone;
  uint32_t waiting_after_ = kNone;
  int fd_ = -1;
  uint32_t slot_ = 0;
  uint32_t generation_ = 1;
  uint32_t interest_ = 0;  // what epoll was told
  Kind kind_ = Kind::kFree;
  bool reading_ : 1 = false;
  bool watch_end_ : 1 = false;
  bool blocked_ : 1 = false;
  bool yielded_ : 1 = false;  // blocked by its share of the turn, not by its socket
  bool dirty_ : 1 = false;
  bool waiting_ : 1 = false;
  bool tls_ : 1 = false;  // has a TlsPart
  // Ends with this turn: the protocol is told then, never from within a call of its user.
  Doom doom_ = Doom::kNone;
};

static_assert(sizeof(Connection) <= 128, "an idle connection must stay small");

}  // namespace trackwire::net
