#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engineio/session_host.h"
#include "engineio/session_id.h"
#include "engineio/transport.h"
#include "engineio/upgrade.h"
#include "net/timer.h"

namespace trackwire::engineio {

/// The program's end of a session. Owned by the session and destroyed with it.
class SessionListener {
 public:
  virtual ~SessionListener() = default;
  /// `data` is valid during the call.
  virtual void OnMessage(net::FrameKind kind, std::string_view data) = 0;
  /// Another transport carries the session from now on.
  virtual void OnUpgraded() {}
  /// The last call.
  virtual void OnClosed(CloseReason reason) = 0;
};

/// One client's connection, over whatever transport it uses now.
///
/// Belongs to its shard's thread. Never kept across suspensions: keep slot() and generation().
/// Spec: Engine.IO v4.
class Session final : private TransportListener, private Upgrade::Owner {
 public:
  /// Starts the heartbeat; the caller sends the open packet.
  Session(uint32_t slot, uint32_t generation, SessionHost& host,
          std::unique_ptr<Transport> transport);
  ~Session();

  /// The client's bearer: never log or show it to others.
  std::string sid() const { return id().ToString(); }
  SessionId id() const;
  uint32_t slot() const { return slot_; }
  uint32_t generation() const { return generation_; }

  void set_listener(std::unique_ptr<SessionListener> listener);
  /// From now on Options::packets_per_second holds.
  void MeterPackets();

  /// False once it is closed or about to be.
  bool open() const { return state_ == State::kOpen; }
  /// `polling` or `websocket`.
  std::string_view transport_name() const { return transport_->name(); }
  /// Whether a message sent now would leave at once.
  bool writable() const { return open() && transport_->writable(); }

  /// Queues an encoded packet (EncodeMessage()). Past the limits of unsent data the session ends
  /// with kTransportError, soon. Nothing happens when it is not open.
  void Send(net::FrameRef frame);
  void SendMessage(net::FrameKind kind, std::string_view data);

  /// Ends the session, after what is queued. The listener is told before this returns.
  void Close(CloseReason reason);
  /// Ends it without waiting for the client to take what is queued.
  void CloseNow(CloseReason reason);

  // What follows is the server's side of it.

  /// The packet that tells the client its session; queued like any other.
  void SendOpen();
  /// A WebSocket with this session's id came and was opened.
  void BeginUpgrade(std::unique_ptr<Transport> transport);
  /// Whether a WebSocket may come now.
  bool upgradable() const;
  bool polling() const { return !websocket_; }
  /// Whether a GET may still be answered: open, or closed with something left to say.
  bool reachable() const { return state_ != State::kClosed; }
  void Poll(const net::http::Exchange& exchange, const net::http::Request& request,
            net::http::Headers extra = {});
  /// False: the request was refused and the session closed.
  bool BeginPost(const net::http::Exchange& exchange);
  /// False: the body is no list of packets and the session closed.
  bool EndPost(std::string_view body);

 private:
  enum class State : uint8_t {
    kOpen,
    kClosing,  // told to the listener; the client still has to fetch what is queued
    kLeaving,  // the client closed; a GET of its own may still be on its way
    kClosed,
  };

  void OnPacket(const Packet& packet) override;
  void OnBadPacket(DecodeError error) override;
  void OnTransportLost(CloseReason reason) override;
  void OnControl() override;
  void OnProbe() override;
  void OnUpgraded() override;
  void OnUpgradeFailed() override;

  /// False: it was one packet too many, and the session is closed.
  bool Afford();
  void SendPacket(net::FrameRef frame, bool control);
  void AfterSend();
  void Settle();
  void OnTimer();
  void OnPong();
  void ExtendWait();
  void ClosedByClient();
  /// Tells the listener, counts, and lets go of the upgrade.
  void End(State next, CloseReason reason);
  void Retire();

  SessionHost& host_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<SessionListener> listener_;
  std::unique_ptr<Upgrade> upgrade_;
  net::Timer timer_;  // the next ping, the wait for its pong, or the end of closing
  uint32_t slot_;
  uint32_t generation_;
  uint32_t packets_paid_until_ = 0;  // in 64ths of a millisecond, modulo 2^32
  std::array<char, 16> secret_;
  State state_ = State::kOpen;
  bool websocket_ : 1;
  bool awaiting_pong_ : 1 = false;
  bool extended_ : 1 = false;
  bool settling_ : 1 = false;
  bool post_open_ : 1 = false;
  bool metered_ : 1 = false;
};

}  // namespace trackwire::engineio
