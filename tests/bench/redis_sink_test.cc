#include "load/redis_sink.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"

namespace trackwire::bench {
namespace {

/// A sink and the other end of its connection, which the test plays.
class RedisSinkTest : public testing::Test {
 protected:
  void Open(RedisWay way) {
    sockaddr_in own = LoopbackAddress{}.ToSockaddr();
    socklen_t size = sizeof own;
    auto* generic = reinterpret_cast<sockaddr*>(&own);
    CHECK(bind(listener_.get(), generic, size) == 0 && listen(listener_.get(), 1) == 0);
    CHECK(getsockname(listener_.get(), generic, &size) == 0);
    options_.redis_address.port = ntohs(own.sin_port);
    options_.redis_way = way;
    CHECK(sink_.Open(epoll_.get(), 0));
    server_ = UniqueFd(accept(listener_.get(), nullptr, nullptr));
    CHECK(server_.is_open());
  }

  Result<void> Publish(const std::vector<std::string>& envelopes) {
    return sink_.Publish(envelopes);
  }
  std::string Taken() {
    std::array<char, 4096> bytes{};
    const ssize_t n = recv(server_.get(), bytes.data(), bytes.size(), 0);
    return {bytes.data(), static_cast<size_t>(std::max<ssize_t>(n, 0))};
  }
  Result<void> Answer(const std::string& text) {
    CHECK(send(server_.get(), text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()));
    epoll_event event{};
    CHECK(epoll_wait(epoll_.get(), &event, 1, 10'000) == 1);
    return sink_.OnReady();
  }

  UniqueFd listener_{::socket(AF_INET, SOCK_STREAM, 0)};
  UniqueFd epoll_{epoll_create1(0)};
  UniqueFd server_;
  Options options_;
  RedisSink sink_{options_};
};

TEST_F(RedisSinkTest, PublishesOnTheChannelInOrder) {
  Open(RedisWay::kChannel);
  ASSERT_TRUE(Publish({"{1}", "{22}"}));
  EXPECT_EQ(Taken(),
            "*3\r\n$7\r\nPUBLISH\r\n$20\r\nsocket:notifications\r\n$3\r\n{1}\r\n"
            "*3\r\n$7\r\nPUBLISH\r\n$20\r\nsocket:notifications\r\n$4\r\n{22}\r\n");
  EXPECT_EQ(sink_.requests(), 2u);
  EXPECT_TRUE(Answer(":1\r\n:1\r\n"));
}

TEST_F(RedisSinkTest, AddsToTheInbox) {
  Open(RedisWay::kInbox);
  ASSERT_TRUE(Publish({"{}"}));
  EXPECT_EQ(Taken(),
            "*5\r\n$4\r\nXADD\r\n$25\r\nsocket:notification:inbox\r\n$1\r\n*\r\n$8\r\nenvelope\r\n"
            "$2\r\n{}\r\n");
  // An id, whose line may come apart from its length.
  EXPECT_TRUE(Answer("$3\r\n"));
  EXPECT_TRUE(Answer("1-0\r\n"));
}

TEST_F(RedisSinkTest, ARefusalIsAnErrorThatSaysWhy) {
  Open(RedisWay::kChannel);
  ASSERT_TRUE(Publish({"{}"}));
  const Result<void> refused = Answer("-OOM command not allowed\r\n");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("OOM"), std::string::npos);
}

TEST_F(RedisSinkTest, AnUnaskedAnswerIsAnError) {
  Open(RedisWay::kChannel);
  EXPECT_FALSE(Answer(":1\r\n"));
}

TEST_F(RedisSinkTest, TheEndOfTheConnectionIsAnError) {
  Open(RedisWay::kChannel);
  server_.Close();
  epoll_event event{};
  ASSERT_EQ(epoll_wait(epoll_.get(), &event, 1, 10'000), 1);
  EXPECT_FALSE(sink_.OnReady());
}

TEST_F(RedisSinkTest, WaitsForAnswersWhenManyAreOwed) {
  Open(RedisWay::kChannel);
  const std::vector<std::string> many(RedisSink::kMaxOwed / 64, "{}");
  std::string answers;
  for (size_t i = 0; i < many.size(); ++i) answers += ":0\r\n";
  uint64_t handed = 0;
  while (sink_.is_ready()) {
    ASSERT_TRUE(Publish(many));
    handed += many.size();
    std::string taken;
    while (std::count(taken.begin(), taken.end(), '*') < static_cast<ptrdiff_t>(many.size())) {
      taken += Taken();
      ASSERT_TRUE(sink_.OnReady());
    }
  }
  EXPECT_EQ(handed, RedisSink::kMaxOwed);
  EXPECT_TRUE(Answer(answers));
  EXPECT_TRUE(sink_.is_ready());
}

}  // namespace
}  // namespace trackwire::bench
