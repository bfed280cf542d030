#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engineio/session.h"
#include "engineio/slab.h"
#include "net/timer_wheel.h"

namespace trackwire::testing {

using namespace std::chrono_literals;  // NOLINT: a language for tests

/// What a client at the other end of a transport sees. Outlives the transport.
struct Peer {
  std::deque<std::string> frames;  ///< packets sent to it; binary ones as `binary:`
  std::vector<std::string> terminated;
  size_t exempt = 0;  ///< how many of them were exempt from the limits
  bool closed = false;
  bool poll_waits = false;  ///< a GET of it is pending
  bool gone = false;        ///< the transport was destroyed
  engineio::TransportListener* listener = nullptr;

  std::string Take() {
    if (frames.empty()) return "<nothing>";
    std::string first = frames.front();
    frames.pop_front();
    return first;
  }
};

/// A transport over nothing: what it sends is kept for the peer to look at.
class FakeTransport final : public engineio::Transport {
 public:
  FakeTransport(std::string name, std::shared_ptr<Peer> peer)
      : name_(std::move(name)), peer_(std::move(peer)) {}
  ~FakeTransport() override { peer_->gone = true; }

  std::string_view name() const override { return name_; }
  bool writable() const override { return true; }
  void Send(net::FrameRef frame, bool control) override {
    peer_->exempt += control ? 1 : 0;
    // Long-polling keeps packets until a GET comes.
    if (name_ == "polling" && !peer_->poll_waits) {
      kept_.push_back(std::move(frame));
      return;
    }
    Write(*frame);
    if (break_on_send) lost_ = engineio::CloseReason::kTransportError;
  }
  bool Close() override {
    peer_->closed = true;
    return name_ != "polling" || peer_->poll_waits;
  }
  void Terminate(engineio::PacketType last) override {
    peer_->closed = true;
    peer_->terminated.push_back(std::to_string(static_cast<int>(last)));
  }
  bool Release(engineio::PacketType last) override {
    if (!peer_->poll_waits) return false;
    peer_->poll_waits = false;
    peer_->frames.push_back(std::to_string(static_cast<int>(last)));
    return true;
  }
  net::FrameRef TakeNext() override {
    if (kept_.empty()) return {};
    net::FrameRef next = kept_.front();
    kept_.pop_front();
    return next;
  }
  engineio::TransportListener* listener() { return listener_; }

  bool break_on_send = false;

 private:
  void Write(const net::EncodedFrame& frame) {
    const bool binary = frame.kind() == net::FrameKind::kBinary;
    peer_->frames.push_back((binary ? "binary:" : "") + std::string(frame.payload()));
  }

  std::string name_;
  std::shared_ptr<Peer> peer_;
  std::deque<net::FrameRef> kept_;
};

/// Records what a session tells its program.
struct Record {
  std::vector<std::string> messages;
  std::optional<engineio::CloseReason> closed;
};

class Recorder final : public engineio::SessionListener {
 public:
  explicit Recorder(Record& record) : record_(record) {}
  void OnMessage(net::FrameKind kind, std::string_view data) override {
    record_.messages.push_back((kind == net::FrameKind::kBinary ? "binary:" : "") +
                               std::string(data));
  }
  void OnClosed(engineio::CloseReason reason) override {
    EXPECT_FALSE(record_.closed) << "told twice";
    record_.closed = reason;
  }

 private:
  Record& record_;
};

/// A shard's place for sessions, with a clock that moves when told.
class FakeHost final : public engineio::SessionHost {
 public:
  FakeHost() : wheel_(clock_) {}

  const engineio::Options& options() const override { return options_; }
  engineio::Counters& counters() override { return counters_; }
  uint16_t shard_index() const override { return 0; }
  bool may_overtake() const override { return shards > 1; }
  net::TimerWheel& timers() override { return wheel_; }
  Steady::time_point now() const override { return clock_.Now(); }
  net::OutQueue::Limits out_limits() const override { return limits_; }
  void RecountBacklog(size_t, size_t) override {}
  void Defer(net::Loop::Task task) override { deferred_.push_back(std::move(task)); }
  engineio::Session* Find(uint32_t slot, uint32_t generation) override {
    return sessions_.Find(slot, generation);
  }
  void Retire(engineio::Session& session) override {
    Defer([this, slot = session.slot(), generation = session.generation()] {
      if (sessions_.Find(slot, generation) != nullptr) sessions_.Erase(slot, generation);
    });
  }
  void Answer(const net::http::Exchange&, const net::http::Request&, net::http::Response) override {
  }

  engineio::Session& Open(std::unique_ptr<engineio::Transport> transport) {
    return sessions_.Emplace(static_cast<engineio::SessionHost&>(*this), std::move(transport));
  }
  void RunDeferred() {
    while (!deferred_.empty()) {
      const auto task = std::move(deferred_.front());
      deferred_.pop_front();
      task();
    }
  }
  /// In steps of one tick, as a loop does.
  void Advance(std::chrono::milliseconds by) {
    for (; by > 0ms; by -= 10ms) {
      clock_.Advance(10ms);
      wheel_.Advance(clock_.Now());
      RunDeferred();
    }
  }
  size_t live_sessions() const { return sessions_.size(); }
  engineio::Options& mutable_options() { return options_; }

  size_t shards = 1;

 private:
  engineio::Options options_;
  engineio::Counters counters_;
  net::OutQueue::Limits limits_;
  ManualClock clock_;
  net::TimerWheel wheel_;
  std::deque<net::Loop::Task> deferred_;
  engineio::Slab<engineio::Session> sessions_;
};

}  // namespace trackwire::testing
