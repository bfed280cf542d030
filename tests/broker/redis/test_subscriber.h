#pragma once

#include <algorithm>
#include <mutex>

#include "tests/broker/redis/redis_client_fixture.h"

namespace trackwire::broker {

/// A subscriber with a loop of its own that notes what it hears, as "subscribed channel message".
class TestSubscriber {
 public:
  explicit TestSubscriber(RedisLinkOptions options) {
    loop_.Start();
    loop_.Run([&] {
      subscriber_ = std::make_unique<RedisSubscriber>(loop_, std::move(options));
      subscriber_->Start([this](bool up) {
        ++changes_;
        up_ = up;
      });
    });
  }
  ~TestSubscriber() {
    loop_.Run([&] { subscriber_ = nullptr; });
    loop_.Stop();
  }

  /// Returns when the server has confirmed it.
  void Subscribe(ChannelKind kind, const std::string& channel) {
    test::Await<bool>([&](auto done) {
      loop_.Post([=, this] {
        subscriber_->Subscribe(
            kind, channel,
            [this, channel](std::string_view heard, std::string_view message) {
              const std::lock_guard lock(mutex_);
              heard_.push_back(channel + " " + std::string(heard) + " " + std::string(message));
            },
            [done] { done(true); });
      });
    });
  }
  void Unsubscribe(ChannelKind kind, const std::string& channel) {
    loop_.Run([&] { subscriber_->Unsubscribe(kind, channel); });
  }
  bool WaitUntil(bool up) const {
    return test::Until([&] { return up_ == up; });
  }
  int changes() const { return changes_; }
  bool up() const { return up_; }
  net::Loop& loop() { return loop_; }
  RedisSubscriber& subscriber() { return *subscriber_; }

  /// What was heard so far, once it is as much as `count`.
  std::vector<std::string> Take(size_t count) {
    test::Until([&] {
      const std::lock_guard lock(mutex_);
      return heard_.size() >= count;
    });
    const std::lock_guard lock(mutex_);
    return std::exchange(heard_, {});
  }

 private:
  net::Loop loop_{"hearing"};
  std::mutex mutex_;
  std::vector<std::string> heard_;
  std::atomic<bool> up_{false};
  std::atomic<int> changes_{0};
  std::unique_ptr<RedisSubscriber> subscriber_;
};

}  // namespace trackwire::broker
