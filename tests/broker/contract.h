#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "broker/broker.h"
#include "net/loop.h"
#include "tests/support/await.h"
#include "tests/support/shared_clock.h"

namespace trackwire::broker {

/// A broker under test, with storage of its own that outlives it.
class Backend {
 public:
  struct Options {
    std::chrono::seconds expiry{3600};
    size_t max_memory_bytes = 1u << 20;
    size_t max_queue_entries = 100'000;
    size_t max_rejected = 10;
    size_t max_cache_bytes = 1'060'000;
    std::chrono::seconds session_lifetime{15 * 60};
    std::chrono::milliseconds session_grace = std::chrono::seconds(120);
    size_t max_revocations = 1'000;
  };
  virtual ~Backend() = default;
  virtual Result<std::unique_ptr<Broker>> Open(const Options& options, net::Loop& loop,
                                               const Clock& clock) = 0;
  /// Another process on the same storage; nullptr where there is none.
  virtual std::unique_ptr<Broker> OpenAnother(net::Loop&, const Clock&) { return nullptr; }
  /// For storage that has a clock of its own.
  virtual void Elapse(std::chrono::milliseconds) {}
  /// Whether BrokerHealth::log_bytes is the bytes of the envelopes, not those of storage.
  virtual bool counts_envelope_bytes() const { return true; }
};
using MakeBackend = std::unique_ptr<Backend> (*)();

/// The promises of broker.h, kept by every implementation.
class BrokerContract : public testing::TestWithParam<MakeBackend> {
 protected:
  using Entries = std::vector<LogEntryPtr>;

  void SetUp() override {
    backend_ = GetParam()();
    loop_ = std::make_unique<net::Loop>("control");
    loop_->Start();
    Open();
  }
  void TearDown() override {
    Close();
    loop_->Stop();
  }

  void Open() {
    auto opened = backend_->Open(options_, *loop_, clock_);
    ASSERT_TRUE(opened) << opened.error().detail;
    broker_ = std::move(*opened);
    loop_->Run([this] {
      broker_->log().Tail([this](const Entries& entries) {
        for (const LogEntryPtr& entry : entries) tailed_.push_back(entry);
      });
    });
  }
  void Close() {
    if (!broker_) return;
    test::Await<bool>([this](auto done) {
      loop_->Post([this, done] { broker_->Shutdown([done] { done(true); }); });
    });
    loop_->Run([this] { broker_.reset(); });
  }
  void Reopen() {
    Close();
    tailed_.clear();
    Open();
  }
  void Reopen(const Backend::Options& options) {
    options_ = options;
    Reopen();
  }

  static AppendRequest Entry(std::string text, std::string key = "") {
    return {std::move(text), std::move(key), Steady::time_point(std::chrono::seconds(1))};
  }
  /// Waits until the tail has the entries too, which other brokers may do later.
  Result<std::vector<Appended>> Append(std::vector<AppendRequest> requests) {
    auto result = test::Await<Result<std::vector<Appended>>>([&](auto done) {
      broker_->log().Append(std::move(requests), [done](auto stored) { done(std::move(stored)); });
    });
    if (result && !result->empty()) {
      EXPECT_TRUE(test::Until([&] { return !(TailOffset() < result->back().offset); }));
    }
    return result;
  }
  LogOffset AppendOne(std::string text, std::string key = "") {
    auto result = Append({Entry(std::move(text), std::move(key))});
    EXPECT_TRUE(result) << result.error().detail;
    return (*result)[0].offset;
  }
  Result<Entries> Read(const LogOffset& after, const LogOffset& last, size_t max_entries = 1000,
                       size_t max_bytes = 1u << 20) {
    return test::Await<Result<Entries>>([&](auto done) {
      loop_->Post([=, this] {
        broker_->log().Read(after, last, max_entries, max_bytes,
                            [done](auto result) { done(std::move(result)); });
      });
    });
  }
  LogOffset TailOffset() {
    LogOffset offset;
    loop_->Run([&] { offset = broker_->log().tail_offset(); });
    return offset;
  }
  BrokerHealth Health() {
    BrokerHealth health;
    loop_->Run([&] { health = broker_->health(); });
    return health;
  }
  std::vector<std::string> Tailed() {
    std::vector<std::string> texts;
    loop_->Run([&] { texts = Texts(tailed_); });
    return texts;
  }
  static std::vector<std::string> Texts(const Entries& entries) {
    std::vector<std::string> texts;
    for (const LogEntryPtr& entry : entries) texts.push_back(entry->envelope);
    return texts;
  }
  Result<SessionRecord, TakeOverError> TakeOver(const std::string& key, const std::string& owner,
                                                const std::string& proof = "proof") {
    return test::Await<Result<SessionRecord, TakeOverError>>(
        [&](auto done) { broker_->sessions().TakeOver(key, proof, owner, done); });
  }
  /// Lets time pass, as far as the broker can tell.
  void Elapse(std::chrono::milliseconds time) {
    // What was said before has its effect before.
    EXPECT_FALSE(TakeOver("nobody's", "nobody"));
    clock_.Advance(time);
    backend_->Elapse(time);
  }
  std::vector<std::string> RejectedReasons(size_t max) {
    std::vector<std::string> reasons;
    for (const Rejected& one : test::Await<std::vector<Rejected>>(
             [&](auto done) { broker_->ListRejected(max, done); })) {
      reasons.push_back(one.reason);
    }
    return reasons;
  }

  Backend::Options options_;
  test::SharedClock clock_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<Broker> broker_;
  Entries tailed_;  ///< the loop's
};

}  // namespace trackwire::broker
