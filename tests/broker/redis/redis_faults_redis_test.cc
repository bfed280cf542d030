#include <gtest/gtest.h>

#include <map>

#include "tests/broker/redis/redis_client_fixture.h"

namespace trackwire::broker {
namespace {

using test::RedisServer;
using test::Until;

/// How many answers of each kind came, and whether any came twice.
struct Tally {
  explicit Tally(size_t count) : answers(count) {}

  RedisClient::Done Take(size_t index) {
    return [this, index](const Result<RespValue>& reply) {
      ++answers[index];
      ++kinds[reply ? "value" : reply.error().code];
      ++answered;
    };
  }

  std::vector<int> answers;
  std::map<std::string, int> kinds;  ///< read when `answered` says that all came
  std::atomic<size_t> answered{0};
};

TEST(RedisFaultsTest, AnswersEachOfManyCommandsOnceWhenTheServerDies) {
  RedisServer server;
  TestClient client(QuickOptions(server.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  constexpr size_t kCount = 10'000;
  Tally tally(3 * kCount);
  const auto send = [&](size_t first) {
    client.loop().Run([&] {
      for (size_t i = first; i < first + kCount; ++i) {
        client.client().Send({"INCR", "counter"}, tally.Take(i));
      }
    });
  };
  send(0);
  ASSERT_TRUE(Until([&] { return tally.answered > 100; }));
  send(kCount);
  server.Kill();
  ASSERT_TRUE(client.WaitUntil(false));
  send(2 * kCount);
  ASSERT_TRUE(Until([&] { return tally.answered == 3 * kCount; }));
  server.Restart();
  ASSERT_TRUE(client.WaitUntil(true));
  const int counted = std::stoi(client.Run({"GET", "counter"}));

  for (const int answers : tally.answers) ASSERT_EQ(answers, 1);
  EXPECT_GE(tally.kinds["unavailable"], static_cast<int>(kCount));
  EXPECT_EQ(tally.kinds["value"] + tally.kinds["lost"] + tally.kinds["unavailable"],
            static_cast<int>(3 * kCount));
  // What was answered ran; what was lost may have run.
  EXPECT_GE(counted, tally.kinds["value"]);
  EXPECT_LE(counted, tally.kinds["value"] + tally.kinds["lost"]);
  EXPECT_EQ(client.changes(), 3);
  EXPECT_EQ(client.Counters().lost, 1u);
}

TEST(RedisFaultsTest, GivesUpAServerThatFallsSilent) {
  RedisServer server;
  auto options = QuickOptions(server.url());
  options.reply_timeout = std::chrono::milliseconds(300);
  TestClient client(options);
  ASSERT_TRUE(client.WaitUntil(true));
  server.Pause();
  Tally tally(1);
  client.loop().Run([&] { client.client().Send({"GET", "key"}, tally.Take(0)); });
  ASSERT_TRUE(client.WaitUntil(false));
  EXPECT_EQ(tally.kinds["timeout"], 1);
  server.Resume();
  ASSERT_TRUE(client.WaitUntil(true));
  EXPECT_EQ(client.Run({"PING"}), "PONG");
}

TEST(RedisFaultsTest, NoticesAHalfOpenLinkWithoutCommands) {
  RedisServer server;
  auto options = QuickOptions(server.url());
  options.ping_every = std::chrono::milliseconds(100);
  options.reply_timeout = std::chrono::milliseconds(200);
  TestClient client(options);
  ASSERT_TRUE(client.WaitUntil(true));
  server.Pause();
  ASSERT_TRUE(client.WaitUntil(false));
  EXPECT_NE(client.LastError(), "");
  server.Resume();
  ASSERT_TRUE(client.WaitUntil(true));
}

TEST(RedisFaultsTest, ComesBackEachTime) {
  RedisServer server;
  TestClient client(QuickOptions(server.unix_url()));
  for (int round = 0; round < 10; ++round) {
    ASSERT_TRUE(client.WaitUntil(true));
    ASSERT_EQ(client.Run({"PING"}), "PONG");
    server.Kill();
    ASSERT_TRUE(client.WaitUntil(false));
    server.Restart();
  }
  ASSERT_TRUE(client.WaitUntil(true));
  EXPECT_EQ(client.changes(), 21);
}

TEST(RedisFaultsTest, StartsBeforeItsServer) {
  RedisServer server;
  server.Stop();
  TestClient client(QuickOptions(server.url()));
  EXPECT_EQ(client.Run({"PING"}), "!unavailable");
  server.Restart();
  ASSERT_TRUE(client.WaitUntil(true));
}

TEST(RedisFaultsTest, DropsWhatIsPendingWithTheClient) {
  RedisServer server;
  net::Loop loop("redis");
  loop.Start();
  int answered = 0;
  std::atomic<bool> up{false};
  auto client = std::make_unique<RedisClient>(loop, QuickOptions(server.url()));
  loop.Run([&] { client->Start([&](bool now_up) { up = now_up; }); });
  ASSERT_TRUE(Until([&] { return up.load(); }));
  loop.Run([&] {
    for (int i = 0; i < 100; ++i) client->Send({"PING"}, [&](const auto&) { ++answered; });
    client = nullptr;
  });
  server.Kill();
  loop.Stop();
  EXPECT_EQ(answered, 0);
}

TEST(RedisFaultsTest, MayEndInsideItsOwnCallback) {
  RedisServer server;
  net::Loop loop("redis");
  loop.Start();
  std::unique_ptr<RedisClient> client;
  std::atomic<bool> gone{false};
  loop.Run([&] {
    client = std::make_unique<RedisClient>(loop, QuickOptions(server.url()));
    client->Start([&](bool) {
      client->Send({"PING"}, [&](const auto&) {
        client = nullptr;
        gone = true;
      });
      client->Send({"PING"}, [](const auto&) { FAIL(); });
    });
  });
  EXPECT_TRUE(Until([&] { return gone.load(); }));
  loop.Stop();
}

TEST(RedisFaultsTest, MayEndInsideItsStateCallback) {
  RedisServer server;
  net::Loop loop("redis");
  loop.Start();
  std::unique_ptr<RedisClient> client;
  std::unique_ptr<RedisSubscriber> subscriber;
  std::atomic<int> gone{0};
  loop.Run([&] {
    client = std::make_unique<RedisClient>(loop, QuickOptions(server.url()));
    client->Start([&](bool) {
      client = nullptr;
      ++gone;
    });
    subscriber = std::make_unique<RedisSubscriber>(loop, QuickOptions(server.url()));
    subscriber->Start([&](bool) {
      subscriber = nullptr;
      ++gone;
    });
  });
  EXPECT_TRUE(Until([&] { return gone == 2; }));
  loop.Stop();
}

}  // namespace
}  // namespace trackwire::broker
