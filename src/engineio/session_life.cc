// Heartbeat and end of a session.
#include <exception>

#include "base/log.h"
#include "engineio/session.h"

namespace trackwire::engineio {
namespace {

// Only where a GET may be overtaken by the POST that closes the session.
constexpr std::chrono::milliseconds kLeavingTime{500};

}  // namespace

void Session::OnPacket(const Packet& packet) {
  ++host_.counters().packets_in;
  if (packet.type == PacketType::kClose) return ClosedByClient();
  if (!open()) return;
  if (packet.type == PacketType::kPong) return OnPong();
  ExtendWait();
  if (packet.type == PacketType::kPing) return CloseNow(CloseReason::kTransportError);
  if (packet.type != PacketType::kMessage) return;
  if (listener_ != nullptr) listener_->OnMessage(packet.kind, packet.data());
}

void Session::OnBadPacket(DecodeError) {
  ++host_.counters().parse_errors;
  if (open()) {
    CloseNow(CloseReason::kParseError);
  } else if (reachable()) {
    state_ = State::kClosed;
    Retire();
  }
}

void Session::OnTransportLost(CloseReason reason) {
  if (state_ == State::kClosed) return;
  if (open()) {
    End(State::kClosed, reason);
  } else {
    state_ = State::kClosed;
  }
  Retire();
}

void Session::OnTimer() {
  if (!open()) {
    transport_->Terminate(PacketType::kClose);
    state_ = State::kClosed;
    return Retire();
  }
  if (awaiting_pong_) return CloseNow(CloseReason::kPingTimeout);
  awaiting_pong_ = true;
  extended_ = false;
  timer_.Start(host_.timers(), host_.options().ping_timeout);
  SendPacket(net::FrameRef::Hold(net::EncodedFrame::Make(net::FrameKind::kText, "2")), true);
}

void Session::OnPong() {
  if (!awaiting_pong_) return;
  awaiting_pong_ = false;
  timer_.Start(host_.timers(), host_.options().ping_interval);
}

/// Other traffic shows that the client lives though its pong is stuck behind it; once only, so
/// that a client which never answers still ends.
void Session::ExtendWait() {
  if (!awaiting_pong_ || extended_) return;
  extended_ = true;
  timer_.Start(host_.timers(), host_.options().ping_timeout);
}

void Session::ClosedByClient() {
  const bool released = transport_->Release(PacketType::kNoop);
  const bool linger = !websocket_ && !released && host_.shard_count() > 1 && open();
  if (linger) {
    while (transport_->TakeNext()) {
    }
    End(State::kLeaving, CloseReason::kTransportClose);
    timer_.Start(host_.timers(), kLeavingTime);
    return;
  }
  CloseNow(CloseReason::kTransportClose);
}

void Session::Close(CloseReason reason) {
  if (!open()) return;
  End(State::kClosing, reason);
  if (transport_->Close()) {
    state_ = State::kClosed;
    return Retire();
  }
  timer_.Start(host_.timers(), host_.options().close_timeout);
}

void Session::CloseNow(CloseReason reason) {
  if (state_ == State::kClosed) return;
  transport_->Terminate(PacketType::kClose);
  if (open()) {
    End(State::kClosed, reason);
  } else {
    state_ = State::kClosed;
  }
  Retire();
}

void Session::End(State next, CloseReason reason) {
  state_ = next;
  timer_.Cancel();
  // A polling client that is yet to fetch the end may still finish its upgrade and get it there.
  if (next != State::kClosing) upgrade_.reset();
  Counters& counters = host_.counters();
  --(websocket_ ? counters.websocket_sessions : counters.polling_sessions);
  ++counters.closed[static_cast<size_t>(reason)];
  if (listener_ == nullptr) return;
  // What it throws must not keep the session from being retired.
  try {
    listener_->OnClosed(reason);
  } catch (const std::exception& error) {
    base::LogError("engineio", "a listener threw at the end", {{"what", error.what()}});
  } catch (...) {
    base::LogError("engineio", "a listener threw at the end");
  }
}

void Session::Retire() {
  timer_.Cancel();
  upgrade_.reset();
  host_.Retire(*this);
}

}  // namespace trackwire::engineio
