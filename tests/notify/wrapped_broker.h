#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/broker.h"
#include "net/loop.h"

namespace trackwire::notify {

/// An inlet that brings what a test puts into it, and notes what is refused.
class ScriptedInlet final : public broker::Inlet {
 public:
  using From = broker::InletTicket::From;

  void Open(net::Loop& loop, Handler handler) override {
    const std::lock_guard lock(mutex_);
    loop_ = &loop;
    handler_ = std::move(handler);
  }
  void Refuse(broker::Incoming incoming, std::string reason) override {
    const std::lock_guard lock(mutex_);
    refused_.push_back(reason + " " + incoming.envelope);
  }
  void Close(std::function<void()> done) override { done(); }

  bool open() const {
    const std::lock_guard lock(mutex_);
    return loop_ != nullptr;
  }
  void Bring(From from, const std::vector<std::string>& envelopes) {
    std::vector<broker::Incoming> batch;
    for (const std::string& envelope : envelopes) {
      broker::Incoming incoming;
      incoming.envelope = envelope;
      incoming.ticket.from = from;
      incoming.ticket.hearing = ++last_;
      batch.push_back(std::move(incoming));
    }
    loop_->Post([handler = handler_, held = std::move(batch)]() mutable {
      handler(std::move(held));
    });
  }
  std::vector<std::string> refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  mutable std::mutex mutex_;  // guards what two threads look at
  net::Loop* loop_ = nullptr;
  Handler handler_;
  uint64_t last_ = 0;
  std::vector<std::string> refused_;
};

/// A real broker whose log can be told to refuse and to break, as one on a server may.
class WrappedBroker final : public broker::Broker, public broker::NotificationLog {
 public:
  explicit WrappedBroker(std::unique_ptr<broker::Broker> real) : real_(std::move(real)) {}

  broker::NotificationLog& log() override { return *this; }
  broker::SessionStore& sessions() override { return real_->sessions(); }
  broker::PubSub& pub_sub() override { return real_->pub_sub(); }
  broker::TaskQueue& tasks() override { return real_->tasks(); }
  broker::Cache& cache() override { return real_->cache(); }
  broker::RevocationList& revocations() override { return real_->revocations(); }
  broker::RateLimiter& rate_limiter() override { return real_->rate_limiter(); }
  broker::Inlet* inlet() override { return &scripted_inlet; }
  void Reject(broker::Rejected rejected) override { real_->Reject(std::move(rejected)); }
  void ListRejected(size_t max,
                    std::function<void(std::vector<broker::Rejected>)> done) override {
    real_->ListRejected(max, std::move(done));
  }
  broker::BrokerHealth health() const override { return real_->health(); }
  void Shutdown(std::function<void()> done) override { real_->Shutdown(std::move(done)); }

  void Append(std::vector<broker::AppendRequest> requests, AppendDone done) override {
    ++appends;
    if (broken) return done(Err("unavailable", "told to refuse"));
    real_->log().Append(std::move(requests), std::move(done));
  }
  void Tail(TailFn tail) override { real_->log().Tail(std::move(tail)); }
  void Read(const broker::LogOffset& after, const broker::LogOffset& last, size_t entries,
            size_t bytes, ReadDone done) override {
    if (lag_ && *lag_ < after) {
      ++reads_ahead;
      return lag_loop_->Post([this, answer = std::move(done)] {
        lag_.reset();
        answer(std::vector<broker::LogEntryPtr>());
      });
    }
    real_->log().Read(after, last, entries, bytes, std::move(done));
  }
  broker::LogOffset tail_offset() const override {
    auto offset = lag_ ? *lag_ : real_->log().tail_offset();
    offset.epoch += epoch_suffix_;
    return offset;
  }
  void OnBreak(std::function<void()> on_break) override {
    on_break_.push_back(std::move(on_break));
  }

  /// The broker's loop: the log is another one from now on.
  void Break() {
    epoch_suffix_ += 'x';
    for (const auto& on_break : on_break_) on_break();
  }

  /// The broker's loop, which `loop` is: the tail seems to stand at `offset` until somebody reads from
  /// beyond it, whose answer comes when it has caught up.
  void LagBehind(const broker::LogOffset& offset, net::Loop& loop) {
    lag_ = offset;
    lag_loop_ = &loop;
  }

  ScriptedInlet scripted_inlet;
  std::atomic<bool> broken{false};
  std::atomic<uint64_t> appends{0};
  std::atomic<uint64_t> reads_ahead{0};

 private:
  std::unique_ptr<broker::Broker> real_;
  std::string epoch_suffix_;
  std::optional<broker::LogOffset> lag_;
  net::Loop* lag_loop_ = nullptr;
  std::vector<std::function<void()>> on_break_;
};

}  // namespace trackwire::notify
