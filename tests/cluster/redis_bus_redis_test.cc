#include "cluster/redis_bus.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "broker/redis/redis_url.h"
#include "tests/support/redis_server.h"

namespace trackwire::cluster {
namespace {

constexpr std::chrono::seconds kPatience{30};

/// Texts that came, in order.
class Heard {
 public:
  void Add(std::string text) {
    const std::lock_guard lock(mutex_);
    texts_.push_back(std::move(text));
    changed_.notify_all();
  }
  bool WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return texts_.size() >= count; });
  }
  std::vector<std::string> texts() {
    const std::lock_guard lock(mutex_);
    return texts_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
};

class RedisBusTest : public ::testing::Test {
 protected:
  RedisBusTest() : bus_(loop_, Options(redis_)) {
    loop_.Start();
    loop_.Run([this] {
      bus_.Start([this](bool up) { states_.Add(up ? "up" : "down"); });
    });
    EXPECT_TRUE(states_.WaitFor(1));
  }
  ~RedisBusTest() override { loop_.Stop(); }

  static RedisBus::Options Options(const test::RedisServer& redis) {
    RedisBus::Options options;
    options.link.target = *broker::ParseRedisUrl(redis.url());
    options.link.backoff_first = options.link.backoff_max = std::chrono::milliseconds(20);
    options.retry_after = std::chrono::milliseconds(20);
    return options;
  }
  void Follow(const std::string& stream) {
    loop_.Run([&] {
      bus_.Follow(stream, [this](const socketio::StreamLog::Entries& entries) {
        for (const auto& entry : entries) read_.Add(entry.fields.at(0).second);
      });
    });
  }
  /// Appends by another link, as a neighbour would.
  void Append(int first, int last) {
    for (int n = first; n <= last; ++n) {
      redis_.Command({"XADD", "s", "*", "n", std::to_string(n)});
    }
  }
  static std::vector<std::string> Numbers(int last) {
    std::vector<std::string> numbers;
    for (int n = 1; n <= last; ++n) numbers.push_back(std::to_string(n));
    return numbers;
  }

  test::RedisServer redis_;
  net::Loop loop_{"bus"};
  Heard states_;
  Heard read_;
  RedisBus bus_;
};

TEST_F(RedisBusTest, AStreamIsFollowedWithoutAGapOverALostLink) {
  redis_.Command({"XADD", "s", "*", "n", "before"});
  Follow("s");
  // Where the reading begins is only known to the follower: until it has, what comes may be behind.
  int fence = 0;
  for (; read_.texts().empty(); --fence) Append(fence, fence);
  Append(1, 5);
  redis_.Command({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  Append(6, 150);
  redis_.Kill();
  redis_.Restart();
  Append(151, 160);
  while (read_.texts().empty() || read_.texts().back() != "160") {
    ASSERT_TRUE(read_.WaitFor(read_.texts().size() + 1)) << read_.texts().size();
  }
  auto texts = read_.texts();
  ASSERT_GE(texts.size(), 160u);
  ASSERT_LE(texts.size(), 160 + static_cast<size_t>(-fence));
  texts.erase(texts.begin(), texts.end() - 160);
  EXPECT_EQ(texts, Numbers(160));
}

TEST_F(RedisBusTest, AKeyOfAnotherKindIsWaitedOut) {
  redis_.Command({"SET", "s", "no stream"});
  Follow("s");
  Heard answers;
  loop_.Run([&] {
    bus_.Append("s", {{"n", "1"}}, 10, [&](const Result<std::string>& id) {
      answers.Add(id ? "taken" : id.error().code);
    });
  });
  ASSERT_TRUE(answers.WaitFor(1));
  EXPECT_EQ(answers.texts().front(), "redis");
  redis_.Command({"DEL", "s"});
  int n = 0;
  for (; read_.texts().empty(); ++n) Append(n, n);
  EXPECT_GT(n, 0);
}

TEST_F(RedisBusTest, WhatNobodyCarriesIsCountedAsLost) {
  redis_.Kill();
  ASSERT_TRUE(states_.WaitFor(2));
  Heard answers;
  loop_.Run([&] {
    bus_.Publish(socketio::Bus::Kind::kPlain, "c", "text");
    bus_.CountSubscribers(socketio::Bus::Kind::kPlain, "c", [&](const Result<uint64_t>& count) {
      answers.Add(count ? "counted" : count.error().code);
    });
  });
  ASSERT_TRUE(answers.WaitFor(1));
  EXPECT_EQ(answers.texts().front(), "unavailable");
  loop_.Run([&] {
    EXPECT_EQ(bus_.counters().published, 1u);
    EXPECT_EQ(bus_.counters().lost, 1u);
  });
}

}  // namespace
}  // namespace trackwire::cluster
