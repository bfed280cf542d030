#include "engineio/websocket_transport.h"

#include <string>

#include "base/text.h"

namespace trackwire::engineio {
namespace {

// What is queued in one turn of the loop leaves at its end: only more than that is a backlog.
constexpr size_t kWritableBelow = 16'384;

CloseReason ReasonOf(net::websocket::CloseCause cause) {
  switch (cause) {
    case net::websocket::CloseCause::kPeerClosed:
    case net::websocket::CloseCause::kConnectionLost:
      return CloseReason::kTransportClose;
    case net::websocket::CloseCause::kProtocolError:
    case net::websocket::CloseCause::kTooLarge:
    case net::websocket::CloseCause::kSlowConsumer:
    case net::websocket::CloseCause::kTooSlow:
    case net::websocket::CloseCause::kNoRoom:
      return CloseReason::kTransportError;
  }
  return CloseReason::kTransportError;
}

}  // namespace

WebSocketTransport::~WebSocketTransport() {
  if (stream_.open()) stream_.Abort();
}

bool WebSocketTransport::Open(const net::http::Exchange& exchange,
                              const net::http::Request& request, const Options& engine,
                              net::http::Headers headers) {
  net::websocket::StreamOptions options;
  options.max_message_bytes = engine.max_payload;
  options.message_timeout = engine.message_timeout;
  options.min_bytes_per_second = engine.min_bytes_per_second;
  stream_ = exchange.Upgrade(request, this, options, std::move(headers));
  return stream_.open();
}

bool WebSocketTransport::writable() const {
  return stream_.open() && stream_.buffered_bytes() < kWritableBelow;
}

void WebSocketTransport::Send(net::FrameRef frame, bool control) {
  if (base64_ && frame->kind() == net::FrameKind::kBinary) {
    frame = net::FrameRef::Hold(
        net::EncodedFrame::Make(net::FrameKind::kText, "b" + base::Base64Encode(frame->payload())));
  }
  sending_ = true;
  if (control) {
    stream_.SendControl(std::move(frame));
  } else {
    stream_.Send(std::move(frame));
  }
  sending_ = false;
}

bool WebSocketTransport::Close() {
  stream_.Close(0, {});
  stream_ = {};
  return true;
}

void WebSocketTransport::Terminate(PacketType) { Close(); }

// The listener may destroy this transport: nothing of it is touched after a call of the listener.
void WebSocketTransport::OnMessage(net::FrameKind kind, std::string_view payload) {
  if (kind == net::FrameKind::kBinary) {
    Packet packet;
    packet.kind = kind;
    packet.borrowed = payload;
    return listener_->OnPacket(packet);
  }
  const auto packet = DecodePacket(payload);
  if (!packet) return listener_->OnBadPacket(packet.error());
  listener_->OnPacket(*packet);
}

void WebSocketTransport::OnControl() { listener_->OnControl(); }

void WebSocketTransport::OnClosed(net::websocket::CloseCause cause, uint16_t) {
  stream_ = {};
  if (sending_) {
    lost_ = ReasonOf(cause);
    return;
  }
  listener_->OnTransportLost(ReasonOf(cause));
}

}  // namespace trackwire::engineio
