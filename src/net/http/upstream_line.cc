#include "net/http/upstream_line.h"

#include <sys/uio.h>

#include <utility>

#include "net/shard.h"

namespace trackwire::net::http {
namespace {

constexpr size_t kMaxHeadBytes = 32'768;
constexpr int kSwitchingProtocols = 101;

}  // namespace

Upstreams::Line::Line(Upstreams& pool, uint64_t server)
    : pool_(pool),
      server_(server),
      timer_([](void* self) { static_cast<Line*>(self)->OnTimer(); }, this) {}

void Upstreams::Line::Begin(Ask ask, const Exchange& exchange,
                            UniqueFunction<void(Failure)> failed) {
  const bool fresh = phase_ == Phase::kNew;
  phase_ = fresh ? Phase::kConnecting : Phase::kAsking;
  out_ = std::move(ask.wire);
  sent_ = 0;
  websocket_ = ask.websocket;
  exchange_ = exchange;
  failed_ = std::move(failed);
  exchange_.Watch(this);
  const auto& options = pool_.options_;
  timer_.Start(pool_.shard_.timers(), fresh ? options.connect_timeout : options.answer_timeout);
  if (!charge_.Resize(pool_.shard_, out_.size())) return Fail(Failure::kBusy);
  // While it is being connected this only asks to be told when it is.
  Push();
}

void Upstreams::Line::Push() {
  const iovec vector{out_.data() + sent_, out_.size() - sent_};
  const ssize_t sent = pool_.shard_.connections().Write(*connection_, &vector, 1);
  if (sent <= 0) return;
  if (phase_ == Phase::kConnecting) {
    phase_ = Phase::kAsking;
    timer_.Start(pool_.shard_.timers(), pool_.options_.answer_timeout);
  }
  sent_ += static_cast<size_t>(sent);
}

void Upstreams::Line::OnWritable() {
  if (phase_ == Phase::kGone || sent_ == out_.size()) return;
  Push();
}

void Upstreams::Line::OnBytes(char* data, size_t size) {
  if (phase_ == Phase::kGone) return;
  // Nothing was asked: whatever this is, it answers nothing.
  if (phase_ == Phase::kIdle) return Close();
  in_.append(data, size);
  if (!charge_.Resize(pool_.shard_, out_.size() + in_.size())) return Fail();
  TakeAnswer();
}

void Upstreams::Line::TakeAnswer() {
  if (!head_) {
    auto head = ParseAnswerHead(in_, kMaxHeadBytes);
    if (!head) return Fail();
    if (!*head) return;
    head_ = std::move(**head);
    if (head_->response.status == kSwitchingProtocols && websocket_) return Join();
    if (head_->response.status < 200) return Fail();
    if (head_->body_bytes > pool_.options_.max_answer_bytes) return Fail();
  }
  if (in_.size() >= head_->head_bytes + head_->body_bytes) HandOn();
}

void Upstreams::Line::HandOn() {
  Response response = std::move(head_->response);
  const size_t whole = head_->head_bytes + head_->body_bytes;
  const bool again = head_->keep_alive && in_.size() == whole && sent_ == out_.size();
  in_.resize(whole);
  in_.erase(0, head_->head_bytes);
  response.body = std::move(in_);
  response.close = !head_->keep_alive;
  const Exchange exchange = exchange_;
  EndAsk();
  if (again) {
    phase_ = Phase::kIdle;
    timer_.Start(pool_.shard_.timers(), pool_.options_.idle_timeout);
    pool_.Keep(*this);
  } else {
    Close();
  }
  exchange.Respond(std::move(response));
}

/// The client and the server speak with each other from here on. What the server said goes out as
/// it came: its 101 is about this very connection.
void Upstreams::Line::Join() {
  Relay relay(pool_.shard_, pool_.options_.relay, [pool = &pool_, server = server_] {
    --pool->counters_.connections;
    pool->Done(server);
  });
  exchange_.Watch(nullptr);
  auto given = exchange_.GiveTo(Connection::Kind::kRelay, relay.TakeNearEnd());
  if (!given) return Fail();
  ++pool_.counters_.websockets;
  phase_ = Phase::kGone;
  timer_.Cancel();
  charge_.Release();
  failed_ = nullptr;
  relay.Join(*given->connection, in_, *connection_, given->unread);
}

void Upstreams::Line::OnEndOfInput() {
  if (phase_ == Phase::kGone) return;
  if (phase_ == Phase::kIdle) return Close();
  Fail();
}

void Upstreams::Line::OnLost() {
  if (phase_ == Phase::kGone) return;
  if (phase_ == Phase::kIdle) return Close();
  Fail();
}

void Upstreams::Line::OnAborted() {
  ++pool_.counters_.aborted;
  failed_ = nullptr;
  EndAsk();
  Close();
}

void Upstreams::Line::OnTimer() {
  if (phase_ == Phase::kIdle) return Close();
  if (phase_ != Phase::kGone) Fail();
}

void Upstreams::Line::Fail() { Fail(Failure::kUnreachable); }

void Upstreams::Line::Fail(Failure failure) {
  ++(failure == Failure::kBusy ? pool_.counters_.refused : pool_.counters_.failed);
  const auto failed = std::move(failed_);
  const Exchange exchange = exchange_;
  EndAsk();
  Close();
  if (exchange.alive()) failed(failure);
}

void Upstreams::Line::EndAsk() {
  exchange_.Watch(nullptr);
  exchange_ = {};
  failed_ = nullptr;
  timer_.Cancel();
  charge_.Release();
  out_ = std::string();
  in_ = std::string();
  sent_ = 0;
  head_.reset();
  pool_.Done(server_);
}

void Upstreams::Line::Close() {
  const Phase was = std::exchange(phase_, Phase::kGone);
  if (was == Phase::kGone) return;
  timer_.Cancel();
  if (was == Phase::kIdle) pool_.Drop(*this);
  --pool_.counters_.connections;
  pool_.shard_.connections().Close(*connection_);
}

}  // namespace trackwire::net::http
