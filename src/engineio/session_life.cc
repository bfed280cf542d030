// Heartbeat and end of a session.
#include <algorithm>
#include <exception>

#include "base/log.h"
#include "engineio/session.h"

namespace trackwire::engineio {
namespace {

// Only where a GET may be overtaken by the POST that closes the session.
constexpr std::chrono::milliseconds kLeavingTime{500};

using PacketTicks = std::chrono::duration<int64_t, std::ratio<1, 64'000>>;
constexpr double kTicksPerSecond = 64'000;
constexpr double kLongestFill = 1e9;  // some four hours

uint32_t TicksAt(Steady::time_point time) {
  return static_cast<uint32_t>(
      std::chrono::duration_cast<PacketTicks>(time.time_since_epoch()).count());
}

}  // namespace

void Session::OnPacket(const Packet& packet) {
  ++host_.counters().packets_in;
  if (metered_ && !Afford()) return;
  if (packet.type == PacketType::kClose) return ClosedByClient();
  if (!open()) return;
  if (packet.type == PacketType::kPong) return OnPong();
  ExtendWait();
  if (packet.type == PacketType::kPing) return CloseNow(CloseReason::kTransportError);
  if (packet.type != PacketType::kMessage) return;
  if (listener_ != nullptr) listener_->OnMessage(packet.kind, packet.data());
}

void Session::MeterPackets() {
  metered_ = true;
  packets_paid_until_ = TicksAt(host_.now());
}

void Session::OnControl() {
  if (metered_) Afford();
}

/// A bucket in four bytes, for every session has one: when it will be full again. Heartbeats keep
/// it from falling behind so far that the difference changes its sign.
bool Session::Afford() {
  if (!open()) return true;
  const Options& options = host_.options();
  const double per_packet = kTicksPerSecond / std::max(options.packets_per_second, 0.001);
  const auto fill = static_cast<int32_t>(
      std::min(std::max(options.packet_burst, 1.0) * per_packet, kLongestFill));
  const uint32_t now = TicksAt(host_.now());
  const auto ahead = static_cast<int32_t>(packets_paid_until_ - now);
  const int32_t then = std::clamp(ahead, 0, fill) +
                       std::max(1, static_cast<int32_t>(std::min(per_packet, kLongestFill)));
  if (then <= fill) {
    packets_paid_until_ = now + static_cast<uint32_t>(then);
    return true;
  }
  ++host_.counters().flood_disconnects;
  CloseNow(CloseReason::kTransportError);
  return false;
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
  const bool linger = !websocket_ && !released && host_.may_overtake() && open();
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
