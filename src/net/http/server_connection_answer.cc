// Answers, ends and time-outs of ServerConnection.
#include <sys/uio.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/http/compression.h"
#include "net/http/response_head.h"
#include "net/http/server_connection.h"
#include "net/shard.h"
#include "net/websocket/connection.h"
#include "net/websocket/handshake.h"

namespace trackwire::net::http {
namespace {

constexpr size_t kMaxUnwantedBody = 65'536;
constexpr std::chrono::milliseconds kLingerTime{2000};

}  // namespace

void ServerConnection::Respond(Response response) { Answer(std::move(response)); }

/// Keeps the answer for the end of the turn (or of the handler's call): no handler is ever called
/// from within the call of another part.
void ServerConnection::Answer(Response response) {
  owed_ = false;
  watcher_ = nullptr;
  outgoing_ = std::make_unique<Outgoing>();
  outgoing_->response = std::move(response);
  shard_->connections().MarkDirty(*connection_);
}

void ServerConnection::Fail(int status) {
  ++shard_->counters().http_errors;
  Abandon();
  if (phase_ == Phase::kGone) return;
  phase_ = Phase::kWaiting;
  auto response = Response::Text(status, std::string(StatusText(status)) + "\n");
  response.close = true;
  Answer(std::move(response));
}

ServerConnection::Step ServerConnection::StartAnswer() {
  Outgoing& out = *outgoing_;
  const bool unread_body = parser_ != nullptr && request_ != nullptr && parser_->body_pending();
  // A client that waits for "100 Continue" may send the body or not: there is no telling where
  // its next request begins.
  const bool body_fits = request_ != nullptr && !request_->headers.Find("Expect") &&
                         request_->content_length.value_or(0) <= kMaxUnwantedBody;
  out.keep_alive = request_ != nullptr && request_->keep_alive && !out.response.close &&
                   !close_when_idle_ && expects_more() && (!unread_body || body_fits);
  if (request_ != nullptr && context_->options.compress) {
    CompressAnswer(*request_, out.response, *shard_);
  }
  out.head = ResponseHead(out.response, out.keep_alive, context_->options.idle_timeout);
  const int status = out.response.status;
  const bool bodyless =
      status == 204 || status == 304 || (request_ != nullptr && request_->method == "HEAD");
  if (!bodyless) out.body = out.response.content();
  phase_ = Phase::kWriting;
  return ContinueAnswer();
}

ServerConnection::Step ServerConnection::ContinueAnswer() {
  Outgoing& out = *outgoing_;
  const std::string_view head =
      std::string_view(out.head).substr(std::min(out.sent, out.head.size()));
  const std::string_view body =
      out.body.substr(out.sent > out.head.size() ? out.sent - out.head.size() : 0);
  iovec vectors[2];
  int count = 0;
  for (const std::string_view part : {head, body}) {
    if (!part.empty()) vectors[count++] = {const_cast<char*>(part.data()), part.size()};
  }
  const ssize_t sent = shard_->connections().Write(*connection_, vectors, count);
  if (sent < 0) return Step::kWait;  // OnLost() follows
  out.sent += static_cast<size_t>(sent);
  Progress(static_cast<size_t>(sent));
  if (out.sent < out.head.size() + out.body.size()) return Step::kWait;
  return EndAnswer();
}

ServerConnection::Step ServerConnection::EndAnswer() {
  const bool keep_alive = outgoing_->keep_alive && expects_more();
  outgoing_.reset();
  if (!keep_alive) {
    Linger();
    return Step::kWait;
  }
  request_.reset();
  body_ = std::string();
  discarded_ = 0;
  if (parser_->body_pending()) {
    phase_ = Phase::kDiscarding;
  } else {
    parser_.reset();
    phase_ = Phase::kHead;
  }
  return Step::kAgain;
}

void ServerConnection::OnWritable() {
  if (phase_ != Phase::kWriting || outgoing_ == nullptr) return;
  progressed_ = false;
  running_ = true;
  const Step step = ContinueAnswer();
  running_ = false;
  if (step == Step::kAgain) {
    Run();
  } else if (phase_ != Phase::kGone) {
    Settle();
  }
}

/// Closing at once would reset the connection while the client still sends, and the reset can
/// overtake our answer: say that nothing more comes and wait a little.
void ServerConnection::Linger() {
  request_.reset();
  parser_.reset();
  if (input_ended_) return Drop();
  phase_ = Phase::kLingering;
  position_ = buffer_.size();
  discarded_ = 0;
  shard_->connections().ShutdownSend(*connection_);
}

/// Tells who waits for an answer's chance that it is over.
void ServerConnection::Abandon() {
  if (!owed_) return;
  owed_ = false;
  if (ExchangeWatcher* watcher = std::exchange(watcher_, nullptr)) watcher->OnAborted();
}

void ServerConnection::Drop() {
  if (phase_ == Phase::kGone) return;
  phase_ = Phase::kGone;
  owed_ = false;
  timer_.Cancel();
  charge_.Release();
  shard_->connections().Close(*connection_);
}

void ServerConnection::OnLost() {
  phase_ = Phase::kGone;
  timer_.Cancel();
  charge_.Release();
  Abandon();
}

void ServerConnection::OnEndOfInput() {
  input_ended_ = true;
  // An answer that is given already still goes out, and requests that came whole are served.
  if (outgoing_ != nullptr || yielded_) return;
  if (phase_ == Phase::kWaiting && owed_ && watcher_ == nullptr) {
    // The request came whole, and its client may well read on: the answer is for it, if it comes
    // in time.
    timed_phase_ = Phase::kGone;
    return StartTimer();
  }
  DropUnanswered();
}

/// Closes first: the exchange is not alive any more when its watcher learns of it.
void ServerConnection::DropUnanswered() {
  const bool owed = std::exchange(owed_, false);
  Drop();
  if (!owed) return;
  if (ExchangeWatcher* watcher = std::exchange(watcher_, nullptr)) watcher->OnAborted();
}

void ServerConnection::CloseWhenIdle() {
  close_when_idle_ = true;
  if (phase_ == Phase::kHead && buffer_.empty()) Drop();
}

/// Done when the handler has returned; the caller still works on this object.
void ServerConnection::HandOver(Shard& target) {
  CHECK(calling_on_request_);
  target_ = &target;
}

websocket::Stream ServerConnection::Upgrade(const Request& request, websocket::Listener* listener,
                                            const websocket::StreamOptions& options,
                                            const Headers& headers) {
  auto refusal = websocket::RefuseOpening(request);
  if (!refusal && parser_ != nullptr && parser_->body_pending()) {
    refusal = Response::Text(400, "a WebSocket opening has no body\n");
  }
  if (refusal) {
    ++shard_->counters().http_errors;
    // A proxy in between may take what follows for frames: it must not be read as requests here.
    refusal->close = true;
    Respond(std::move(*refusal));
    return {};
  }
  auto head = EncodedFrame::Raw(websocket::SwitchingProtocols(request, headers));
  owed_ = false;
  watcher_ = nullptr;
  phase_ = Phase::kGone;
  timer_.Cancel();
  charge_.Release();
  shard_->connections().SetWaiting(*connection_, false);
  // From here on the connection is the other protocol's; this object lives till the turn's end.
  return websocket::StreamConnection::Start(*shard_, *connection_, std::move(head), listener,
                                            options, unread());
}

void ServerConnection::Progress(size_t bytes) {
  if (bytes == 0) return;
  progressed_ = true;
  phase_bytes_ += bytes;
}

void ServerConnection::LookAtUnsent() {
  looked_at_ = shard_->now();
  unsent_ = shard_->connections().Unacknowledged(*connection_);
}

bool ServerConnection::Drains() const {
  const auto passed =
      std::chrono::duration_cast<std::chrono::milliseconds>(shard_->now() - looked_at_).count();
  const double due =
      static_cast<double>(context_->options.min_bytes_per_second) * static_cast<double>(passed);
  const size_t left = shard_->connections().Unacknowledged(*connection_);
  return left < unsent_ && static_cast<double>(unsent_ - left) >= due / 1000;
}

std::chrono::milliseconds ServerConnection::TimeLeft() const {
  const ServerOptions& options = context_->options;
  if (options.min_bytes_per_second == 0) return options.body_timeout;
  const std::chrono::milliseconds earned(phase_bytes_ * 1000 / options.min_bytes_per_second);
  const auto used =
      std::chrono::duration_cast<std::chrono::milliseconds>(shard_->now() - phase_began_);
  return std::clamp(options.body_timeout + earned - used, std::chrono::milliseconds(0),
                    options.body_timeout);
}

void ServerConnection::StartTimer() {
  const ServerOptions& options = context_->options;
  // An empty line before a request begins its head.
  const bool head_begun = phase_ == Phase::kHead && (parser_ != nullptr || !buffer_.empty());
  if (phase_ == timed_phase_ && head_begun == timed_head_begun_ && !progressed_) return;
  if (phase_ != timed_phase_) {
    phase_began_ = shard_->now();
    // The first part of an answer, often the greater, has gone to the kernel before.
    phase_bytes_ = phase_ == Phase::kWriting ? outgoing_->sent : 0;
  }
  // A head has to be whole in time, however busily it comes.
  timed_phase_ = phase_;
  timed_head_begun_ = head_begun;
  switch (phase_) {
    case Phase::kHead:
      if (head_begun) {
        timer_.Start(shard_->timers(), options.head_timeout);
      } else {
        timer_.Start(shard_->timers(), first_ ? std::min(options.head_timeout, options.idle_timeout)
                                              : options.idle_timeout);
      }
      break;
    case Phase::kWriting:
      LookAtUnsent();
      [[fallthrough]];
    case Phase::kBody:
    case Phase::kDiscarding:
      timer_.Start(shard_->timers(), TimeLeft());
      break;
    case Phase::kLingering:
      timer_.Start(shard_->timers(), kLingerTime);
      break;
    default:
      // The answer takes as long as it takes while the client shows that it is there.
      if (phase_ == Phase::kWaiting && input_ended_) {
        timer_.Start(shard_->timers(), options.body_timeout);
      } else {
        timer_.Cancel();
      }
      break;
  }
}

void ServerConnection::OnTimer() {
  if (phase_ == Phase::kWriting && Drains()) {
    progressed_ = true;
    return StartTimer();
  }
  const bool rated =
      phase_ == Phase::kBody || phase_ == Phase::kWriting || phase_ == Phase::kDiscarding;
  if (rated || (phase_ == Phase::kHead && timed_head_begun_)) ++shard_->counters().too_slow;
  timed_phase_ = Phase::kGone;
  if (phase_ == Phase::kBody || (phase_ == Phase::kHead && !buffer_.empty())) {
    Fail(408);
  } else {
    DropUnanswered();
  }
}

}  // namespace trackwire::net::http
