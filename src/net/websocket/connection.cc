#include "net/websocket/connection.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "net/input_charge.h"
#include "net/shard.h"

namespace trackwire::net::websocket {
namespace {

/// With so many frames waiting, pings are answered by one pong to the latest (RFC 6455 section
/// 5.5.3), so that a flood of them cannot fill the backlog.
constexpr size_t kFramesBeforeOwedPong = 64;
constexpr std::chrono::milliseconds kLingerTime{2000};

uint16_t Small(int64_t value) {
  return static_cast<uint16_t>(std::clamp<int64_t>(value, 0, std::numeric_limits<uint16_t>::max()));
}

uint16_t Hundredths(std::chrono::milliseconds time) { return Small((time.count() + 9) / 10); }

std::chrono::milliseconds FromHundredths(uint16_t count) {
  return std::chrono::milliseconds(10 * int64_t{count});
}

}  // namespace

struct StreamConnection::Extra {
  explicit Extra(StreamConnection* self)
      : timer([](void* context) { static_cast<StreamConnection*>(context)->Drop(); }, self),
        message_timer(
            [](void* context) { static_cast<StreamConnection*>(context)->OnMessageTimer(); },
            self) {}

  Timer timer;
  Timer message_timer;  // armed while a message is unfinished
  Steady::time_point message_began{};
  InputCharge charge;
  std::string early;  // bytes that came with the opening
  std::string pong;   // payload of the pong still owed
  bool pong_owed = false;
};

StreamConnection::StreamConnection(Shard& shard, Connection& connection, Listener* listener,
                                   const StreamOptions& options)
    : shard_(shard),
      connection_(connection),
      listener_(listener),
      decoder_(options.max_message_bytes),
      close_timeout_cs_(Hundredths(options.close_timeout)),
      message_timeout_cs_(Hundredths(options.message_timeout)),
      min_bytes_per_second_(Small(static_cast<int64_t>(options.min_bytes_per_second))) {}

StreamConnection::~StreamConnection() = default;

StreamConnection::Extra& StreamConnection::extra() {
  if (extra_ == nullptr) extra_ = std::make_unique<Extra>(this);
  return *extra_;
}

Stream StreamConnection::Start(Shard& shard, Connection& connection,
                               std::shared_ptr<const EncodedFrame> head, Listener* listener,
                               const StreamOptions& options, std::string_view early) {
  CHECK(listener != nullptr);
  Connections& connections = shard.connections();
  auto made = std::make_unique<StreamConnection>(shard, connection, listener, options);
  if (!early.empty()) made->extra().early.assign(early);
  connections.Replace(connection, Connection::Kind::kWebSocket, std::move(made));
  connections.SetReading(connection, true);
  connections.Send(connection, FrameRef::Hold(std::move(head)), true);
  connections.MarkDirty(connection);
  return Stream(&shard, connection.slot(), connection.generation());
}

StreamConnection* StreamConnection::Find(Shard* shard, uint32_t slot, uint32_t generation) {
  if (shard == nullptr) return nullptr;
  Connection* connection = shard->connections().Find(slot, generation);
  if (connection == nullptr || connection->kind() != Connection::Kind::kWebSocket) return nullptr;
  return static_cast<StreamConnection*>(connection->protocol());
}

void StreamConnection::Send(FrameRef frame, bool control) {
  if (open()) shard_.connections().Send(connection_, std::move(frame), control);
}

void StreamConnection::SendRaw(std::string bytes) {
  shard_.connections().Send(connection_, FrameRef::Hold(EncodedFrame::Raw(std::move(bytes))), true);
}

void StreamConnection::Close(uint16_t code, std::string_view reason) {
  CHECK(code == 0 || IsSendableCloseCode(code));
  listener_ = nullptr;
  if (connection_.doomed()) return Drop();
  if (phase_ != Phase::kOpen) return;
  SendRaw(CloseFrame(code, reason));
  phase_ = Phase::kCloseSent;
  extra().timer.Start(shard_.timers(), FromHundredths(close_timeout_cs_));
}

void StreamConnection::Drop() {
  if (phase_ == Phase::kGone) return;
  phase_ = Phase::kGone;
  listener_ = nullptr;
  StopTimers();
  shard_.connections().Close(connection_);
}

void StreamConnection::StopTimers() {
  if (extra_ == nullptr) return;
  extra_->timer.Cancel();
  extra_->message_timer.Cancel();
  extra_->charge.Release();
}

/// The last call to the listener, whose owner may be destroyed by it.
void StreamConnection::Tell(CloseCause cause, uint16_t code) {
  if (Listener* listener = std::exchange(listener_, nullptr)) listener->OnClosed(cause, code);
}

void StreamConnection::OnBytes(char* data, size_t size) {
  if (phase_ != Phase::kOpen && phase_ != Phase::kCloseSent) return;
  if (extra_ != nullptr && !extra_->early.empty()) {
    // Read in the very turn in which a hand-over ended: what came before is decoded first.
    extra_->early.append(data, size);
    return;
  }
  if (const auto error = decoder_.Feed(data, size, *this)) return Fail(*error);
  WatchMessage();
}

void StreamConnection::WatchMessage() {
  if (!decoder_.pending()) {
    if (extra_ == nullptr) return;
    extra_->message_timer.Cancel();
    extra_->charge.Release();
    const bool needed = extra_->timer.armed() || extra_->pong_owed || !extra_->early.empty();
    if (!needed) extra_.reset();
    return;
  }
  if (phase_ != Phase::kOpen || connection_.doomed()) return;
  if (!extra().charge.Resize(shard_, decoder_.pending_bytes())) {
    return GiveUp(CloseCause::kNoRoom, kCloseTryAgainLater);
  }
  if (min_bytes_per_second_ == 0 || extra_->message_timer.armed()) return;
  extra_->message_began = shard_.now();
  extra_->message_timer.Start(shard_.timers(), FromHundredths(message_timeout_cs_));
}

/// Looked at only when it may be late: a message that comes fast costs nothing but this.
void StreamConnection::OnMessageTimer() {
  if (phase_ != Phase::kOpen || connection_.doomed()) return;
  const std::chrono::milliseconds earned(decoder_.pending_bytes() * 1000 / min_bytes_per_second_);
  const auto due = extra_->message_began + FromHundredths(message_timeout_cs_) + earned;
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(due - shard_.now());
  if (left.count() > 0) {
    extra_->message_timer.Start(shard_.timers(), left);
    return;
  }
  ++shard_.counters().too_slow;
  GiveUp(CloseCause::kTooSlow, kClosePolicy);
}

void StreamConnection::GiveUp(CloseCause cause, uint16_t code) {
  BeginClosing(CloseFrame(code, {}));
  Tell(cause, kCloseAbnormal);
}

bool StreamConnection::OnMessage(FrameKind kind, std::string_view payload) {
  if (extra_ != nullptr) extra_->message_timer.Cancel();
  if (phase_ == Phase::kOpen) listener_->OnMessage(kind, payload);
  return (phase_ == Phase::kOpen || phase_ == Phase::kCloseSent) && !connection_.doomed();
}

bool StreamConnection::OnPing(std::string_view payload) {
  // Between the fragments of a message they do not make it any faster.
  if (extra_ != nullptr && !decoder_.in_message()) extra_->message_timer.Cancel();
  if (phase_ != Phase::kOpen) return true;
  listener_->OnControl();
  if (phase_ != Phase::kOpen) return phase_ == Phase::kCloseSent && !connection_.doomed();
  if (connection_.out().frames() < kFramesBeforeOwedPong) {
    SendRaw(ControlFrame(Opcode::kPong, payload));
  } else {
    extra().pong.assign(payload);
    extra_->pong_owed = true;
    shard_.connections().MarkDirty(connection_);
  }
  return !connection_.doomed();
}

bool StreamConnection::OnPong(std::string_view) {
  if (extra_ != nullptr && !decoder_.in_message()) extra_->message_timer.Cancel();
  if (phase_ == Phase::kOpen) listener_->OnControl();
  return (phase_ == Phase::kOpen || phase_ == Phase::kCloseSent) && !connection_.doomed();
}

bool StreamConnection::OnClose(uint16_t code, std::string_view) {
  if (phase_ == Phase::kOpen) {
    BeginClosing(CloseFrame(code == kCloseNoStatus ? uint16_t{0} : code, {}));
    Tell(CloseCause::kPeerClosed, code);
  } else {
    BeginClosing({});
  }
  return false;
}

void StreamConnection::Fail(DecodeError error) {
  if (phase_ != Phase::kOpen && phase_ != Phase::kCloseSent) return;
  ++shard_.counters().websocket_errors;
  BeginClosing(phase_ == Phase::kOpen ? CloseFrame(CloseCodeOf(error), {}) : std::string());
  Tell(error == DecodeError::kTooLarge ? CloseCause::kTooLarge : CloseCause::kProtocolError,
       kCloseAbnormal);
}

/// Both sides have said that they close, or the peer cannot be understood any more.
void StreamConnection::BeginClosing(std::string close_frame) {
  if (!close_frame.empty()) SendRaw(std::move(close_frame));
  phase_ = Phase::kClosing;
  extra().message_timer.Cancel();
  extra_->charge.Release();
  extra().timer.Start(shard_.timers(), FromHundredths(close_timeout_cs_));
  shard_.connections().MarkDirty(connection_);
}

void StreamConnection::SendOwedPong() {
  if (phase_ != Phase::kOpen || extra_ == nullptr || !extra_->pong_owed) return;
  extra_->pong_owed = false;
  SendRaw(ControlFrame(Opcode::kPong, extra_->pong));
}

void StreamConnection::OnTurnEnd() {
  if (extra_ != nullptr && !extra_->early.empty()) {
    std::string early = std::move(extra_->early);
    extra_->early.clear();
    OnBytes(early.data(), early.size());
  }
  if (phase_ == Phase::kGone || connection_.doomed()) return;
  if (!connection_.blocked()) SendOwedPong();
  if (phase_ != Phase::kClosing || connection_.blocked()) return;
  if (!connection_.out().empty()) {
    // The frames go out right after this call; look again then.
    shard_.connections().MarkDirty(connection_);
    return;
  }
  // Closing at once could reset the connection before the peer has read our close frame.
  phase_ = Phase::kLingering;
  shard_.connections().ShutdownSend(connection_);
  extra().timer.Start(shard_.timers(), kLingerTime);
}

void StreamConnection::OnWritable() {
  SendOwedPong();
  if (phase_ == Phase::kClosing) shard_.connections().MarkDirty(connection_);
}

void StreamConnection::OnEndOfInput() {
  Listener* listener = phase_ == Phase::kOpen ? listener_ : nullptr;
  Drop();
  if (listener != nullptr) listener->OnClosed(CloseCause::kConnectionLost, kCloseAbnormal);
}

void StreamConnection::OnLost() {
  phase_ = Phase::kGone;
  StopTimers();
  Tell(CloseCause::kConnectionLost, kCloseAbnormal);
}

void StreamConnection::OnSlowConsumer() {
  phase_ = Phase::kGone;
  StopTimers();
  Tell(CloseCause::kSlowConsumer, kCloseAbnormal);
}

bool Stream::open() const {
  const auto* connection = StreamConnection::Find(shard_, slot_, generation_);
  return connection != nullptr && connection->open();
}

void Stream::Send(FrameRef frame) const {
  if (auto* connection = StreamConnection::Find(shard_, slot_, generation_)) {
    connection->Send(std::move(frame), false);
  }
}

void Stream::SendControl(FrameRef frame) const {
  if (auto* connection = StreamConnection::Find(shard_, slot_, generation_)) {
    connection->Send(std::move(frame), true);
  }
}

size_t Stream::buffered_bytes() const {
  const auto* connection = StreamConnection::Find(shard_, slot_, generation_);
  return connection == nullptr ? 0 : connection->buffered_bytes();
}

void Stream::Close(uint16_t code, std::string_view reason) const {
  if (auto* connection = StreamConnection::Find(shard_, slot_, generation_)) {
    connection->Close(code, reason);
  }
}

void Stream::Abort() const {
  if (auto* connection = StreamConnection::Find(shard_, slot_, generation_)) connection->Abort();
}

}  // namespace trackwire::net::websocket
