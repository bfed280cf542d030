#include "outbound/websocket_client.h"

#include <optional>

#include "base/text.h"
#include "net/timer.h"
#include "net/websocket/decoder.h"
#include "net/websocket/opcode.h"
#include "outbound/curl_line.h"
#include "outbound/websocket_opening.h"

namespace trackwire::outbound {
namespace {

using net::websocket::Decoder;
using net::websocket::Opcode;

Error ErrorOf(net::websocket::DecodeError error) {
  if (error == net::websocket::DecodeError::kTooLarge) {
    return {"too_large", "a message is larger than allowed"};
  }
  return {"bad_message", "it does not keep to WebSocket"};
}

class Client final : public WebSocketClient, private Decoder::Sink {
 public:
  Client(net::Loop& loop, WebSocketRequest request, Events events)
      : loop_(loop),
        request_(std::move(request)),
        events_(std::make_shared<Events>(std::move(events))),
        decoder_(request_.max_message_bytes, net::websocket::FramesOf::kServer) {
    Begin();
  }
  ~Client() override {
    if (open_) Say(Opcode::kClose, std::string("\x03\xe8", 2));
  }

  bool Send(std::string_view text) override {
    if (!open_ || line_->unsent_bytes() > request_.max_message_bytes) return false;
    Say(Opcode::kText, text);
    return true;
  }

 private:
  enum class Awaits : uint8_t { kOpening, kAnything, kPong };

  void Begin();
  bool OnBytes(char* data, size_t size);
  bool ReadHead(char* data, size_t size);
  bool ReadFrames(char* data, size_t size);
  void OnSilence();
  void Watch(std::chrono::milliseconds after) { timer_.Start(loop_.timers(), after); }
  void Say(Opcode opcode, std::string_view payload) {
    line_->Send(net::websocket::ClientFrame(opcode, payload, base::RandomBytes(4)));
  }
  /// Tells of the end in a turn of its own; true to reading that it may go on.
  bool End(Error error);

  bool OnMessage(net::FrameKind kind, std::string_view payload) override;
  bool OnPing(std::string_view payload) override;
  bool OnPong(std::string_view) override { return true; }
  bool OnClose(uint16_t code, std::string_view reason) override;

  net::Loop& loop_;
  const WebSocketRequest request_;
  std::shared_ptr<Events> events_;  // shared with what is posted
  const std::string key_ = base::Base64Encode(base::RandomBytes(16));
  std::string request_head_;
  std::string head_;
  Decoder decoder_;
  bool open_ = false;
  bool ended_ = false;
  Awaits awaits_ = Awaits::kOpening;
  net::Timer timer_{[](void* self) { static_cast<Client*>(self)->OnSilence(); }, this};
  std::unique_ptr<CurlLine> line_;
};

void Client::Begin() {
  const auto target = WebSocketTargetOf(request_.url);
  if (!target) return void(End(target.error()));
  auto head = OpeningRequest(*target, key_, request_.user_agent, request_.headers);
  if (!head) return void(End(head.error()));
  request_head_ = std::move(*head);
  Watch(request_.timeout);
  line_ = std::make_unique<CurlLine>(
      loop_,
      CurlLine::Options{target->http_url, request_.allow_private, request_.user_agent,
                        request_.ca_file},
      CurlLine::Events{[this] { line_->Send(request_head_); },
                       [this](char* data, size_t size) { return OnBytes(data, size); },
                       [this](Error error) {
                         if (error.code.empty()) {
                           error = {open_ ? "closed" : "unreachable", "the connection ended"};
                         }
                         End(std::move(error));
                       }});
}

bool Client::OnBytes(char* data, size_t size) {
  if (ended_) return false;
  return open_ ? ReadFrames(data, size) : ReadHead(data, size);
}

bool Client::ReadHead(char* data, size_t size) {
  head_.append(data, size);
  const auto head = ReadOpening(head_, key_);
  if (!head) return End(head.error());
  if (!*head) return true;
  std::string early = head_.substr(**head);
  head_ = std::string();
  open_ = true;
  loop_.Post([weak = std::weak_ptr(events_)] {
    const auto events = weak.lock();
    if (events != nullptr && events->on_open) events->on_open();
  });
  return ReadFrames(early.data(), early.size());
}

bool Client::ReadFrames(char* data, size_t size) {
  awaits_ = Awaits::kAnything;
  Watch(request_.silence);
  const auto error = decoder_.Feed(data, size, *this);
  if (error) {
    const uint16_t code = net::websocket::CloseCodeOf(*error);
    Say(Opcode::kClose, std::string{static_cast<char>(code >> 8), static_cast<char>(code)});
    return End(ErrorOf(*error));
  }
  return !ended_;
}

bool Client::OnMessage(net::FrameKind kind, std::string_view payload) {
  // Binary ones are nothing that was asked for.
  if (kind != net::FrameKind::kText) return true;
  // In a turn of its own: the receiver may do anything, even destroy this.
  loop_.Post([weak = std::weak_ptr(events_), text = std::string(payload)] {
    const auto events = weak.lock();
    if (events != nullptr && events->on_message) events->on_message(text);
  });
  return true;
}

bool Client::OnPing(std::string_view payload) {
  // To one that pings faster than it reads, the last answer is enough.
  if (line_->unsent_bytes() <= request_.max_message_bytes) Say(Opcode::kPong, payload);
  return true;
}

bool Client::OnClose(uint16_t code, std::string_view) {
  Say(Opcode::kClose, std::string_view());
  return End({"closed", "the server said farewell with " + std::to_string(code)});
}

void Client::OnSilence() {
  if (awaits_ == Awaits::kAnything) {
    awaits_ = Awaits::kPong;
    Say(Opcode::kPing, "");
    return Watch(request_.silence);
  }
  End({"timeout", open_ ? "the server has fallen silent" : "no answer in time"});
}

bool Client::End(Error error) {
  if (ended_) return false;
  ended_ = true;
  open_ = false;
  timer_.Cancel();
  // After the messages that were posted before.
  loop_.Post([weak = std::weak_ptr(events_), error = std::move(error)] {
    const auto events = weak.lock();
    if (events == nullptr) return;
    const auto on_end = std::move(events->on_end);
    if (on_end) on_end(error);
  });
  return false;
}

}  // namespace

std::unique_ptr<WebSocketClient> OpenWebSocket(net::Loop& loop, WebSocketRequest request,
                                               WebSocketClient::Events events) {
  return std::make_unique<Client>(loop, std::move(request), std::move(events));
}

}  // namespace trackwire::outbound
