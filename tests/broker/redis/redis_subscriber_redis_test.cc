#include "broker/redis/redis_subscriber.h"

#include <gtest/gtest.h>

#include <mutex>

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
