#include "engineio/polling_transport.h"

namespace trackwire::engineio {
namespace {

std::string OnePacket(PacketType type) {
  return std::string(1, static_cast<char>('0' + static_cast<int>(type)));
}

}  // namespace

PollingTransport::~PollingTransport() {
  queue_.Clear();
  Recount();
  if (post_.alive()) post_.Watch(nullptr);
  if (poll_.alive()) {
    poll_.Watch(nullptr);
    poll_.Abort();
  }
}

bool PollingTransport::Poll(const net::http::Exchange& exchange, const net::http::Request& request,
                            net::http::Headers extra) {
  if (Release(PacketType::kClose)) {
    net::http::Response refusal;
    refusal.status = 400;
    host_.Answer(exchange, request, std::move(refusal));
    return false;
  }
  poll_ = exchange;
  poll_request_ = &request;
  poll_headers_ = std::move(extra);
  poll_.Watch(&poll_watcher_);
  Flush();
  return true;
}

bool PollingTransport::BeginPost(const net::http::Exchange& exchange) {
  if (post_.alive()) return false;
  post_ = exchange;
  post_.Watch(&post_watcher_);
  return true;
}

void PollingTransport::EndPost() {
  if (post_.alive()) post_.Watch(nullptr);
  post_ = {};
}

void PollingTransport::Send(net::FrameRef frame, bool control) {
  // A client that waits is not slow, however much one turn of the loop has for it.
  const bool much = queue_.bytes() + frame->wire().size() > host_.out_limits().conflate_above_bytes;
  if (much) Flush();
  const auto pushed = queue_.Push(std::move(frame), control, host_.out_limits(), host_.now());
  Recount();
  if (pushed == net::OutQueue::Pushed::kOverLimit && !lost_) {
    ++host_.counters().slow_disconnects;
    lost_ = CloseReason::kTransportError;
  }
}

// The close packet goes alone: official clients take a payload's messages in one turn later, so
// that a close beside them would come first and hide a DISCONNECT.
void PollingTransport::Flush() {
  if (!poll_.alive() || (empty() && !closing_)) return;
  if (empty()) {
    finished_ = true;
    return Answer(OnePacket(PacketType::kClose), false);
  }
  PayloadWriter body(host_.options().max_payload);
  while (!empty()) {
    next_ = TakeNext();
    if (!body.Add(*next_)) break;
    next_ = {};
  }
  const bool compressible = body.compressible();
  Answer(body.Take(), compressible);
}

net::FrameRef PollingTransport::TakeNext() {
  if (next_) return std::exchange(next_, {});
  net::FrameRef frame = queue_.empty() ? net::FrameRef() : queue_.Pop();
  Recount();
  return frame;
}

void PollingTransport::Recount() {
  host_.RecountBacklog(counted_, queue_.bytes());
  counted_ = queue_.bytes();
}

bool PollingTransport::Close() {
  closing_ = true;
  Flush();
  return finished_;
}

void PollingTransport::Terminate(PacketType last) {
  next_ = {};
  queue_.Clear();
  Recount();
  Release(last);
}

bool PollingTransport::Release(PacketType last) {
  if (!poll_.alive()) return false;
  Answer(OnePacket(last), false);
  return true;
}

void PollingTransport::Answer(std::string body, bool compressible) {
  net::http::Response response;
  response.headers = std::move(poll_headers_);
  response.headers.Add("Content-Type", "text/plain; charset=UTF-8");
  response.headers.Add("Cache-Control", "no-store");
  response.body = std::move(body);
  const HttpCompression& compression = host_.options().http_compression;
  if (compression.enabled && compressible) response.compress_from = compression.threshold;
  const net::http::Exchange exchange = poll_;
  const net::http::Request* request = poll_request_;
  poll_ = {};
  poll_request_ = nullptr;
  poll_headers_ = {};
  exchange.Watch(nullptr);
  host_.Answer(exchange, *request, std::move(response));
}

// The listener may destroy the transport.
void PollingTransport::Watcher::OnAborted() {
  transport.listener_->OnTransportLost(CloseReason::kTransportError);
}

}  // namespace trackwire::engineio
