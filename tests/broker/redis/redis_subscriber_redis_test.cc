#include "broker/redis/redis_subscriber.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "tests/broker/redis/test_subscriber.h"

namespace trackwire::broker {
namespace {

using test::RedisServer;
using test::Until;
using Kind = ChannelKind;

TEST(RedisSubscriberTest, HearsChannelsPatternsAndShardedChannels) {
  RedisServer server;
  TestSubscriber subscriber(QuickOptions(server.url()));
  subscriber.Subscribe(Kind::kPlain, "a");
  subscriber.Subscribe(Kind::kPattern, "b*");
  subscriber.Subscribe(Kind::kSharded, "c");
  EXPECT_EQ(server.Command({"PUBLISH", "a", "1"}), "1");
  EXPECT_EQ(server.Command({"PUBLISH", "b2", "2"}), "1");
  EXPECT_EQ(server.Command({"SPUBLISH", "c", "3"}), "1");
  EXPECT_EQ(subscriber.Take(3), (std::vector<std::string>{"a a 1", "b* b2 2", "c c 3"}));
}

TEST(RedisSubscriberTest, HearsInTheOlderProtocol) {
  RedisServer server({.lines = {"rename-command HELLO \"\""}});
  TestSubscriber subscriber(QuickOptions(server.url()));
  subscriber.Subscribe(Kind::kPlain, "a");
  subscriber.Subscribe(Kind::kPattern, "b*");
  // Longer than it takes to be asked by PING.
  EXPECT_EQ(server.Command({"DEBUG", "SLEEP", "0.5"}), "OK");
  EXPECT_EQ(server.Command({"PUBLISH", "a", "1"}), "1");
  EXPECT_EQ(server.Command({"PUBLISH", "b2", "2"}), "1");
  EXPECT_EQ(subscriber.Take(2), (std::vector<std::string>{"a a 1", "b* b2 2"}));
  EXPECT_EQ(subscriber.changes(), 1);
}

TEST(RedisSubscriberTest, HearsNothingAfterUnsubscribing) {
  RedisServer server;
  TestSubscriber subscriber(QuickOptions(server.url()));
  subscriber.Subscribe(Kind::kPlain, "a");
  subscriber.Subscribe(Kind::kPlain, "b");
  subscriber.Unsubscribe(Kind::kPlain, "a");
  ASSERT_TRUE(Until([&] { return server.Command({"PUBLISH", "a", "1"}) == "0"; }));
  EXPECT_EQ(server.Command({"PUBLISH", "b", "2"}), "1");
  EXPECT_EQ(subscriber.Take(1).back(), "b b 2");
}

TEST(RedisSubscriberTest, ConfirmsOnlyWhatCameAfterUnsubscribing) {
  RedisServer server;
  TestSubscriber subscriber(QuickOptions(server.url()));
  ASSERT_TRUE(subscriber.WaitUntil(true));
  for (int round = 0; round < 100; ++round) {
    subscriber.loop().Run([&] {
      subscriber.subscriber().Subscribe(Kind::kPlain, "a", [](auto, auto) {});
      subscriber.subscriber().Unsubscribe(Kind::kPlain, "a");
    });
    subscriber.Subscribe(Kind::kPlain, "a");
    ASSERT_EQ(server.Command({"PUBLISH", "a", "x"}), "1");
    ASSERT_EQ(subscriber.Take(1), std::vector<std::string>{"a a x"});
    subscriber.Unsubscribe(Kind::kPlain, "a");
  }
}

TEST(RedisSubscriberTest, SubscribesAgainAfterALostServer) {
  RedisServer server;
  TestSubscriber subscriber(QuickOptions(server.unix_url()));
  for (int i = 0; i < 100; ++i) subscriber.Subscribe(Kind::kPlain, "c" + std::to_string(i));
  subscriber.Subscribe(Kind::kPattern, "p*");
  ASSERT_TRUE(subscriber.WaitUntil(true));
  for (int round = 0; round < 3; ++round) {
    server.Kill();
    ASSERT_TRUE(subscriber.WaitUntil(false));
    server.Restart();
    ASSERT_TRUE(subscriber.WaitUntil(true));
    EXPECT_EQ(server.Command({"PUBLISH", "c99", "x"}), "1");
    EXPECT_EQ(server.Command({"PUBLISH", "p1", "y"}), "1");
    EXPECT_EQ(subscriber.Take(2), (std::vector<std::string>{"c99 c99 x", "p* p1 y"}));
  }
  EXPECT_EQ(subscriber.changes(), 7);
}

TEST(RedisSubscriberTest, KnowsThatItIsUpThoughNobodyIsTold) {
  RedisServer server;
  net::Loop loop("subscriber");
  loop.Start();
  std::unique_ptr<RedisSubscriber> subscriber;
  loop.Run([&] {
    subscriber = std::make_unique<RedisSubscriber>(loop, QuickOptions(server.url()));
    subscriber->Subscribe(Kind::kPlain, "a", [](auto, auto) {});
    subscriber->Start();
  });
  const auto is_up = [&] {
    bool up = false;
    loop.Run([&] { up = subscriber->up(); });
    return up;
  };
  EXPECT_TRUE(Until(is_up));
  server.Kill();
  EXPECT_TRUE(Until([&] { return !is_up(); }));
  server.Restart();
  EXPECT_TRUE(Until(is_up));
  loop.Run([&] { subscriber.reset(); });
  loop.Stop();
}

TEST(RedisSubscriberTest, NoticesAServerThatFallsSilent) {
  RedisServer server;
  auto options = QuickOptions(server.url());
  options.ping_every = options.reply_timeout = std::chrono::milliseconds(200);
  TestSubscriber subscriber(options);
  subscriber.Subscribe(Kind::kPlain, "a");
  ASSERT_TRUE(subscriber.WaitUntil(true));
  server.Pause();
  ASSERT_TRUE(subscriber.WaitUntil(false));
  server.Resume();
  ASSERT_TRUE(subscriber.WaitUntil(true));
  EXPECT_TRUE(Until([&] { return server.Command({"PUBLISH", "a", "1"}) == "1"; }));
}

TEST(RedisSubscriberTest, AsksAgainWhenTheServerWasBusy) {
  RedisServer server({.lines = {"busy-reply-threshold 10"}});
  TestSubscriber subscriber(QuickOptions(server.url()));
  ASSERT_TRUE(subscriber.WaitUntil(true));
  std::thread slow([&] { server.Command({"EVAL", "while true do end", "0"}); });
  EXPECT_TRUE(Until([&] { return server.Command({"PING"}).starts_with("BUSY"); }));
  std::atomic<bool> heard{false};
  subscriber.loop().Run([&] {
    subscriber.subscriber().Subscribe(Kind::kPlain, "a", [&](auto, auto) { heard = true; });
  });
  EXPECT_TRUE(subscriber.WaitUntil(false));
  server.Command({"SCRIPT", "KILL"});
  slow.join();
  EXPECT_TRUE(Until([&] {
    server.Command({"PUBLISH", "a", "1"});
    return heard.load();
  }));
}

TEST(RedisSubscriberTest, SaysWhatItMayNotHear) {
  RedisServer server;
  server.Command({"ACL", "SETUSER", "bob", "on", ">word", "resetchannels", "&a", "+@all", "~*"});
  TestSubscriber subscriber(
      QuickOptions("redis://bob:word@127.0.0.1:" + std::to_string(server.port())));
  ASSERT_TRUE(subscriber.WaitUntil(true));
  subscriber.loop().Run([&] {
    subscriber.subscriber().Subscribe(Kind::kPlain, "b", [](auto, auto) {});
  });
  subscriber.Subscribe(Kind::kPlain, "a");
  EXPECT_EQ(server.Command({"PUBLISH", "a", "1"}), "1");
  EXPECT_EQ(subscriber.Take(1).back(), "a a 1");
}

}  // namespace
}  // namespace trackwire::broker
