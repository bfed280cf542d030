#include "engineio/session.h"

#include "base/json_scanner.h"
#include "engineio/polling_transport.h"

namespace trackwire::engineio {
namespace {

/// A packet that goes out as it is: beside what others may have a say in, the length of a packed
/// body would betray the session's id.
net::FrameRef SecretFrame(std::string_view packet) {
  net::EncodedFrame::Options options;
  options.compress = false;
  return net::FrameRef::Hold(net::EncodedFrame::Make(net::FrameKind::kText, packet, options));
}

/// The first ping comes a tenth to a fifth early, so that clients that came together spread out.
std::chrono::milliseconds FirstPing(std::chrono::milliseconds interval, unsigned char random) {
  return interval - interval * (256 + random) / 2560;
}

}  // namespace

Session::Session(uint32_t slot, uint32_t generation, SessionHost& host,
                 std::unique_ptr<Transport> transport)
    : host_(host),
      transport_(std::move(transport)),
      timer_([](void* self) { static_cast<Session*>(self)->OnTimer(); }, this),
      slot_(slot),
      generation_(generation),
      secret_(SessionId::Make(0, 0, 0).secret),
      websocket_(transport_->name() == "websocket") {
  transport_->set_listener(this);
  timer_.Start(host_.timers(),
               FirstPing(host_.options().ping_interval, static_cast<unsigned char>(secret_[0])));
  ++host_.counters().handshakes;
  ++(websocket_ ? host_.counters().websocket_sessions : host_.counters().polling_sessions);
}

Session::~Session() = default;

SessionId Session::id() const {
  return {host_.shard_index(), slot_, generation_, secret_, host_.options().owner};
}

void Session::set_listener(std::unique_ptr<SessionListener> listener) {
  listener_ = std::move(listener);
}

bool Session::upgradable() const { return open() && !websocket_ && upgrade_ == nullptr; }

void Session::SendOpen() {
  const Options& options = host_.options();
  std::string packet = "0{\"sid\":";
  base::AppendJsonString(packet, sid());
  const bool upgrades = !websocket_ && options.allow_upgrades && options.websocket;
  packet += upgrades ? ",\"upgrades\":[\"websocket\"]" : ",\"upgrades\":[]";
  packet += ",\"pingInterval\":" + std::to_string(options.ping_interval.count());
  packet += ",\"pingTimeout\":" + std::to_string(options.ping_timeout.count());
  packet += ",\"maxPayload\":" + std::to_string(options.max_payload) + "}";
  SendPacket(SecretFrame(packet), true);
}

void Session::Send(net::FrameRef frame) {
  if (open()) SendPacket(std::move(frame), false);
}

void Session::SendMessage(net::FrameKind kind, std::string_view data) {
  if (open()) SendPacket(net::FrameRef::Hold(EncodeMessage(kind, data)), false);
}

void Session::SendPacket(net::FrameRef frame, bool control) {
  ++host_.counters().packets_out;
  transport_->Send(std::move(frame), control);
  if (!websocket_ || transport_->lost()) AfterSend();
}

/// Polling bodies are written once a turn, and a transport that broke is dealt with when no
/// sender is on the stack.
void Session::AfterSend() {
  if (settling_) return;
  settling_ = true;
  host_.Defer([host = &host_, slot = slot_, generation = generation_] {
    if (Session* self = host->Find(slot, generation)) self->Settle();
  });
}

void Session::Settle() {
  settling_ = false;
  if (state_ == State::kClosed) return;
  if (const auto lost = transport_->lost()) {
    transport_->Terminate(PacketType::kClose);
    return OnTransportLost(*lost);
  }
  transport_->Flush();
}

void Session::Poll(const net::http::Exchange& exchange, const net::http::Request& request,
                   net::http::Headers extra) {
  CHECK(!websocket_);
  auto& transport = static_cast<PollingTransport&>(*transport_);
  if (!transport.Poll(exchange, request, std::move(extra))) {
    return CloseNow(CloseReason::kTransportError);
  }
  if (state_ == State::kLeaving) {
    transport_->Release(PacketType::kNoop);
    state_ = State::kClosed;
    Retire();
  } else if (state_ == State::kClosing && transport.finished()) {
    state_ = State::kClosed;
    Retire();
  }
}

bool Session::BeginPost(const net::http::Exchange& exchange) {
  CHECK(!websocket_);
  if (!static_cast<PollingTransport&>(*transport_).BeginPost(exchange)) {
    CloseNow(CloseReason::kTransportError);
    return false;
  }
  post_open_ = true;
  return true;
}

// The client may have switched to a WebSocket while its last POST was on the way; what is in it
// counts all the same.
bool Session::EndPost(std::string_view body) {
  if (!post_open_) return false;
  post_open_ = false;
  if (!websocket_) static_cast<PollingTransport&>(*transport_).EndPost();
  const auto checked = PayloadReader::Check(body);
  if (!checked) {
    OnBadPacket(checked.error());
    return false;
  }
  PayloadReader reader(body);
  for (Packet packet; reachable() && reader.Next(packet);) {
    OnPacket(packet);
    packet = {};
  }
  return true;
}

void Session::BeginUpgrade(std::unique_ptr<Transport> transport) {
  CHECK(upgradable());
  upgrade_ =
      std::make_unique<Upgrade>(host_, static_cast<Upgrade::Owner&>(*this), std::move(transport));
}

void Session::OnProbe() { transport_->Release(PacketType::kNoop); }

void Session::OnUpgraded() {
  const auto upgrade = std::move(upgrade_);
  const auto old = std::exchange(transport_, upgrade->TakeTransport());
  transport_->set_listener(this);
  websocket_ = true;
  Counters& counters = host_.counters();
  ++counters.upgrades;
  if (open()) {
    --counters.polling_sessions;
    ++counters.websocket_sessions;
  }
  old->Release(PacketType::kNoop);
  while (net::FrameRef frame = old->TakeNext()) transport_->Send(std::move(frame), true);
  if (state_ == State::kClosing) {
    transport_->Close();
    state_ = State::kClosed;
    return Retire();
  }
  if (transport_->lost()) AfterSend();
  if (listener_ != nullptr) listener_->OnUpgraded();
}

void Session::OnUpgradeFailed() {
  ++host_.counters().upgrades_failed;
  upgrade_.reset();
}

}  // namespace trackwire::engineio
