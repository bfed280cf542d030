#include "net/http/server_connection.h"

#include <sys/uio.h>

#include <exception>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "net/http/response_head.h"
#include "net/shard.h"

namespace trackwire::net::http {
namespace {

/// A body nobody wanted is read and dropped up to here, to keep the connection.
constexpr size_t kMaxDiscard = 65'536;
/// What a client may still send after our last answer before it is cut off.
constexpr size_t kMaxLinger = 4'000'000;
/// Buffers of idle connections are given back above this.
constexpr size_t kKeptBuffer = 256;
/// Requests that came together are served so many a turn, so that the others have theirs in
/// between; with more bytes waiting than this no further ones are read meanwhile.
constexpr int kRequestsPerTurn = 32;
constexpr size_t kMaxAhead = 65'536;

/// A path as the log may have it: which route, not what somebody wrote behind it, such as a token.
std::string RouteOf(std::string_view path) {
  constexpr int kSegments = 3;
  size_t end = 0;
  for (int segment = 0; segment < kSegments && end != std::string_view::npos; ++segment) {
    end = path.find('/', end + 1);
  }
  if (end == std::string_view::npos) return std::string(path);
  return std::string(path.substr(0, end)) + "/...";
}

}  // namespace

ServerConnection::ServerConnection(std::shared_ptr<const ServerContext> context,
                                   std::string remote_address)
    : context_(std::move(context)),
      remote_address_(std::move(remote_address)),
      timer_([](void* self) { static_cast<ServerConnection*>(self)->OnTimer(); }, this) {}

void ServerConnection::Start(Shard& shard, UniqueFd socket, AddressLimit::Seat seat,
                             std::unique_ptr<TlsPart> tls,
                             std::shared_ptr<const ServerContext> context,
                             std::string remote_address) {
  auto made = std::make_unique<ServerConnection>(std::move(context), std::move(remote_address));
  ServerConnection* self = made.get();
  Connection* connection = shard.connections().Adopt(std::move(socket), Connection::Kind::kHttp,
                                                     std::move(made), std::move(seat),
                                                     std::move(tls));
  if (connection == nullptr) return;
  self->Attach(shard, *connection);
  self->Settle();
}

ServerConnection* ServerConnection::Find(Shard& shard, uint32_t slot, uint32_t generation) {
  Connection* connection = shard.connections().Find(slot, generation);
  if (connection == nullptr || connection->kind() != Connection::Kind::kHttp) return nullptr;
  return static_cast<ServerConnection*>(connection->protocol());
}

void ServerConnection::Attach(Shard& shard, Connection& connection) {
  shard_ = &shard;
  connection_ = &connection;
}

Exchange ServerConnection::exchange() const {
  return Exchange(shard_, connection_->slot(), connection_->generation(), serial_);
}

void ServerConnection::OnBytes(char* data, size_t size) {
  if (phase_ == Phase::kLingering) {
    discarded_ += size;
    if (discarded_ > kMaxLinger) Drop();
    return;
  }
  buffer_.append(data, size);
  Run();
}

void ServerConnection::OnTurnEnd() {
  if (phase_ != Phase::kGone) Run();
}

/// One request after the other, as far as the bytes and the answers go.
void ServerConnection::Run() {
  if (running_) return;
  running_ = true;
  progressed_ = false;
  requests_left_ = kRequestsPerTurn;
  Step step = Step::kAgain;
  while (step == Step::kAgain) {
    switch (phase_) {
      case Phase::kHead:
        step = yielded_ ? Step::kWait : TakeHead();
        break;
      case Phase::kBody:
        step = outgoing_ ? StartAnswer() : TakeBody();
        break;
      case Phase::kWaiting:
        step = outgoing_ ? StartAnswer() : Step::kWait;
        break;
      case Phase::kDiscarding:
        step = Discard();
        break;
      default:
        step = Step::kWait;
        break;
    }
  }
  // After a hand-over this object is on another thread already.
  if (step == Step::kLeft) return;
  running_ = false;
  if (phase_ != Phase::kGone) Settle();
}

/// Between two calls from outside: memory, reading and the time-out fit what is awaited.
void ServerConnection::Settle() {
  ChargeInput();
  if (phase_ == Phase::kGone) return;
  buffer_.erase(0, position_);
  position_ = 0;
  if (buffer_.empty() && buffer_.capacity() > kKeptBuffer) std::string().swap(buffer_);
  const bool ahead = yielded_ && buffer_.size() >= kMaxAhead;
  const bool reading = (phase_ == Phase::kHead && !ahead) || phase_ == Phase::kBody ||
                       phase_ == Phase::kDiscarding || phase_ == Phase::kLingering ||
                       (phase_ == Phase::kWaiting && buffer_.empty());
  if (reading != connection_->reading() && !input_ended_) {
    shard_->connections().SetReading(*connection_, reading);
  }
  const bool evictable = first_ || context_->options.evict_idle;
  shard_->connections().SetWaiting(*connection_,
                                   phase_ == Phase::kHead && !yielded_ && evictable);
  StartTimer();
}

void ServerConnection::ChargeInput() {
  if (charge_.Resize(*shard_, buffer_.size() - position_ + body_.size())) return;
  position_ = buffer_.size();
  body_ = std::string();
  if (phase_ == Phase::kHead || phase_ == Phase::kBody) {
    Fail(503);
  } else if (phase_ == Phase::kWaiting) {
    // The next requests, which came before this one was answered.
    close_when_idle_ = true;
  } else if (phase_ == Phase::kWriting) {
    // Its head may have promised more: what was let go of may have been half a request, so nothing
    // that comes later can be read as one.
    outgoing_->keep_alive = false;
  } else if (phase_ == Phase::kDiscarding) {
    Linger();
  }
}

ServerConnection::Step ServerConnection::TakeHead() {
  if (unread().empty()) {
    if (close_when_idle_ || input_ended_) Drop();
    return Step::kWait;
  }
  if (requests_left_-- == 0) return Yield();
  if (parser_ == nullptr) {
    parser_ = std::make_unique<RequestParser>(context_->options.max_head_bytes);
  }
  const auto progress = parser_->ParseHead(unread());
  position_ += progress.consumed;
  if (progress.status == RequestParser::Status::kNeedMore) return AwaitInput();
  if (progress.status == RequestParser::Status::kError) {
    Fail(parser_->error_status());
    return Step::kAgain;
  }
  ++shard_->counters().http_requests;
  timed_phase_ = Phase::kGone;  // the next head has its own time
  first_ = false;
  shard_->connections().SetWaiting(*connection_, false);
  request_ = parser_->TakeRequest();
  request_->remote_address = remote_address_;
  request_->secure = connection_->encrypted();
  if (context_->options.resolve_client) context_->options.resolve_client(*request_);
  ++serial_;
  const auto expect = request_->headers.Find("Expect");
  if (expect && !base::EqualsIgnoreCase(*expect, "100-continue")) {
    Fail(417);
    return Step::kAgain;
  }
  handler_ = context_->router->Find(*request_);
  return CallHandler();
}

/// For more than came, which does not come any more when the client has ended its sending.
ServerConnection::Step ServerConnection::AwaitInput() {
  if (input_ended_) DropUnanswered();
  return Step::kWait;
}

/// Goes on with the next turn.
ServerConnection::Step ServerConnection::Yield() {
  yielded_ = true;
  shard_->Post(
      [shard = shard_, slot = connection_->slot(), generation = connection_->generation()] {
        ServerConnection* self = Find(*shard, slot, generation);
        if (self == nullptr) return;
        self->yielded_ = false;
        self->Run();
      });
  return Step::kWait;
}

/// What a handler throws ends its request, nothing else.
template <typename Call>
void ServerConnection::Guarded(Call call) {
  try {
    call();
    return;
  } catch (const std::exception& error) {
    base::LogError("http", "a handler threw",
                   {{"path", RouteOf(request_->path)}, {"what", error.what()}});
  } catch (...) {
    base::LogError("http", "a handler threw",
                   {{"path", RouteOf(request_->path)}, {"what", "unknown"}});
  }
  if (owed_) Fail(500);
}

/// The rest is not read, so the connection cannot go on after the answer.
void ServerConnection::RefuseBody() {
  close_when_idle_ = true;
  Guarded([this] { handler_->OnBodyTooLarge(exchange(), *request_); });
}

ServerConnection::Step ServerConnection::CallHandler() {
  owed_ = true;
  phase_ = Phase::kWaiting;
  Body body;
  calling_on_request_ = true;
  Guarded([&] { body = handler_->OnRequest(exchange(), *request_); });
  calling_on_request_ = false;
  if (phase_ == Phase::kGone) return Step::kLeft;
  if (target_ != nullptr) return MoveToTarget();
  if (outgoing_ != nullptr || body.want == Body::Want::kNone) return Step::kAgain;
  body_.clear();
  body_limit_ = body.limit;
  if (request_->content_length.value_or(0) > body_limit_) {
    RefuseBody();
    return phase_ == Phase::kGone ? Step::kLeft : Step::kAgain;
  }
  phase_ = Phase::kBody;
  if (parser_->body_pending() && unread().empty() && !Continue100()) return Step::kLeft;
  return Step::kAgain;
}

/// Tells a client that waits for it to go on with the body. False when the connection is lost.
bool ServerConnection::Continue100() {
  if (request_->version_minor == 0 || !request_->headers.Find("Expect")) return true;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const iovec vector{const_cast<char*>(kContinue.data()), kContinue.size()};
  const ssize_t sent = shard_->connections().Write(*connection_, &vector, 1);
  if (sent == static_cast<ssize_t>(kContinue.size())) return true;
  // So few bytes do not fit only where nobody reads.
  Drop();
  return false;
}

ServerConnection::Step ServerConnection::TakeBody() {
  using Status = RequestParser::Status;
  const auto progress = parser_->body_pending() ? parser_->ParseBody(unread(), body_, body_limit_)
                                                : RequestParser::Progress{Status::kComplete, 0};
  position_ += progress.consumed;
  Progress(progress.consumed);
  switch (progress.status) {
    case Status::kNeedMore:
      return AwaitInput();
    case Status::kError:
      Fail(parser_->error_status());
      return Step::kAgain;
    case Status::kTooLarge:
      phase_ = Phase::kWaiting;
      RefuseBody();
      break;
    case Status::kComplete:
      phase_ = Phase::kWaiting;
      Guarded([this] { handler_->OnBody(exchange(), *request_, std::move(body_)); });
      break;
  }
  return phase_ == Phase::kGone ? Step::kLeft : Step::kAgain;
}

ServerConnection::Step ServerConnection::Discard() {
  using Status = RequestParser::Status;
  body_.clear();
  const auto progress = parser_->ParseBody(unread(), body_, kMaxDiscard - discarded_);
  position_ += progress.consumed;
  Progress(progress.consumed);
  discarded_ += body_.size();
  body_.clear();
  if (progress.status == Status::kNeedMore) return AwaitInput();
  if (progress.status != Status::kComplete) {
    Linger();
    return Step::kAgain;
  }
  parser_.reset();
  phase_ = Phase::kHead;
  return Step::kAgain;
}

ServerConnection::Step ServerConnection::MoveToTarget() {
  Shard& target = *std::exchange(target_, nullptr);
  timer_.Cancel();
  charge_.Release();
  timed_phase_ = Phase::kGone;
  owed_ = false;
  ++serial_;
  watcher_ = nullptr;
  auto moved = shard_->connections().Detach(*connection_);
  connection_ = nullptr;
  shard_ = nullptr;
  target.Post([&target, moved = std::move(moved)]() mutable {
    auto* self = static_cast<ServerConnection*>(moved.protocol.get());
    Connection* connection =
        target.connections().Adopt(std::move(moved.socket), Connection::Kind::kHttp,
                                   std::move(moved.protocol), std::move(moved.seat),
                                   std::move(moved.tls));
    if (connection == nullptr) return;
    self->Attach(target, *connection);
    if (self->CallHandler() == Step::kLeft) return;
    self->running_ = false;
    self->Run();
  });
  return Step::kLeft;
}

}  // namespace trackwire::net::http
