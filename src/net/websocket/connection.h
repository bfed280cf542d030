#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "net/connections.h"
#include "net/timer.h"
#include "net/websocket/decoder.h"
#include "net/websocket/opcode.h"
#include "net/websocket/stream.h"

namespace trackwire::net::websocket {

/// Speaks WebSocket on one connection. Idle it is this and a slot, together at most 128 bytes.
class StreamConnection final : public Protocol, private Decoder::Sink {
 public:
  /// Takes a connection over from HTTP. `head` is the 101 answer, `early` what was read past the
  /// request; it is looked at only when the turn ends, after the caller has got its Stream.
  static Stream Start(Shard& shard, Connection& connection,
                      std::shared_ptr<const EncodedFrame> head, Listener* listener,
                      const StreamOptions& options, std::string_view early);

  StreamConnection(Shard& shard, Connection& connection, Listener* listener,
                   const StreamOptions& options);
  ~StreamConnection() override;

  // For Stream.
  static StreamConnection* Find(Shard* shard, uint32_t slot, uint32_t generation);
  bool open() const { return phase_ == Phase::kOpen && !connection_.doomed(); }
  void Send(FrameRef frame, bool control);
  size_t buffered_bytes() const { return connection_.out().bytes(); }
  void Close(uint16_t code, std::string_view reason);
  void Abort() { Drop(); }

  void OnBytes(char* data, size_t size) override;
  void OnEndOfInput() override;
  void OnLost() override;
  void OnSlowConsumer() override;
  void OnWritable() override;
  void OnTurnEnd() override;

 private:
  enum class Phase : uint8_t {
    kOpen,
    kCloseSent,  // by us; the peer's close frame is awaited
    kClosing,    // nothing more to say once the queue is empty; input is dropped
    kLingering,  // our sending is ended, the peer's end awaited
    kGone,
  };
  /// What only some connections need.
  struct Extra;

  bool OnMessage(FrameKind kind, std::string_view payload) override;
  bool OnPing(std::string_view payload) override;
  bool OnPong(std::string_view payload) override;
  bool OnClose(uint16_t code, std::string_view reason) override;

  void Fail(DecodeError error);
  /// Closes for a reason that is none of RFC 6455's.
  void GiveUp(CloseCause cause, uint16_t code);
  /// After input: what is unfinished of a message is timed and counted.
  void WatchMessage();
  void OnMessageTimer();
  void BeginClosing(std::string close_frame);
  void SendRaw(std::string bytes);
  void SendOwedPong();
  void StopTimers();
  void Drop();
  void Tell(CloseCause cause, uint16_t code);
  Extra& extra();

  Shard& shard_;
  Connection& connection_;
  Listener* listener_;
  std::unique_ptr<Extra> extra_;
  Decoder decoder_;
  uint16_t close_timeout_cs_;  // in hundredths of a second: the class has no byte to spare
  uint16_t message_timeout_cs_;
  uint16_t min_bytes_per_second_;
  Phase phase_ = Phase::kOpen;
};

static_assert(sizeof(Connection) + sizeof(StreamConnection) <= 128,
              "an idle WebSocket must stay small");

}  // namespace trackwire::net::websocket
