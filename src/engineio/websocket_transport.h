#pragma once

#include "engineio/options.h"
#include "engineio/transport.h"
#include "net/http/exchange.h"
#include "net/websocket/stream.h"

namespace trackwire::engineio {

/// Packets as WebSocket frames, one each.
class WebSocketTransport final : public Transport, private net::websocket::Listener {
 public:
  /// `base64`: the client cannot take binary frames.
  explicit WebSocketTransport(bool base64) : base64_(base64) {}
  ~WebSocketTransport() override;

  /// Answers the opening handshake; false when it was refused.
  bool Open(const net::http::Exchange& exchange, const net::http::Request& request,
            const Options& engine, net::http::Headers headers);

  std::string_view name() const override { return "websocket"; }
  bool writable() const override;
  void Send(net::FrameRef frame, bool control) override;
  bool Close() override;
  void Terminate(PacketType last) override;

 private:
  void OnMessage(net::FrameKind kind, std::string_view payload) override;
  void OnControl() override;
  void OnClosed(net::websocket::CloseCause cause, uint16_t code) override;

  net::websocket::Stream stream_;
  bool base64_;
  bool sending_ = false;
};

}  // namespace trackwire::engineio
