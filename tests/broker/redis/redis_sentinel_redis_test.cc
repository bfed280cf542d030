#include <gtest/gtest.h>

#include "tests/broker/redis/redis_client_fixture.h"
#include "tests/broker/redis/test_subscriber.h"

namespace trackwire::broker {
namespace {

using test::RedisSentinels;
using test::Until;

TEST(RedisSentinelTest, FollowsTheMasterThroughAFailover) {
  RedisSentinels redis;
  TestClient client(QuickOptions(redis.url()));
  TestSubscriber subscriber(QuickOptions(redis.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  subscriber.Subscribe(ChannelKind::kPlain, "a");
  ASSERT_TRUE(subscriber.WaitUntil(true));
  ASSERT_EQ(client.Run({"SET", "key", "1"}), "OK");
  ASSERT_EQ(client.Run({"WAIT", "1", "0"}), "1");
  // One Sentinel less is still a majority.
  redis.sentinel(0).Kill();
  redis.master().Kill();
  ASSERT_TRUE(client.WaitUntil(false));
  ASSERT_TRUE(client.WaitUntil(true));
  ASSERT_TRUE(subscriber.WaitUntil(true));
  EXPECT_EQ(client.Run({"GET", "key"}), "1");
  EXPECT_EQ(client.Run({"SET", "key", "2"}), "OK");
  EXPECT_EQ(redis.replica().Command({"GET", "key"}), "2");
  EXPECT_TRUE(Until([&] { return redis.replica().Command({"PUBLISH", "a", "x"}) == "1"; }));
  EXPECT_EQ(subscriber.Take(1).back(), "a a x");

  // The old master comes back as what the Sentinels do not name; the client stays. One that has not
  // heard of the change would make it master again.
  const std::string port = std::to_string(redis.replica().port());
  for (const size_t living : {1, 2}) {
    ASSERT_TRUE(Until([&] {
      return redis.sentinel(living)
                 .Command({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"})
                 .find(port) != std::string::npos;
    }));
  }
  redis.master().Restart();
  ASSERT_TRUE(Until([&] {
    return redis.master().Command({"INFO", "replication"}).find("role:slave") != std::string::npos;
  }));
  EXPECT_EQ(client.Run({"SET", "key", "3"}), "OK");
}

TEST(RedisSentinelTest, LeavesAMasterThatBecameAReplica) {
  RedisSentinels redis;
  TestClient client(QuickOptions(redis.url()));
  TestSubscriber subscriber(QuickOptions(redis.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  ASSERT_TRUE(subscriber.WaitUntil(true));
  const std::string port = std::to_string(redis.replica().port());
  ASSERT_EQ(redis.sentinel(1).Command({"SENTINEL", "FAILOVER", "main"}), "OK");
  ASSERT_TRUE(Until([&] {
    return redis.replica().Command({"INFO", "replication"}).find("role:master") !=
           std::string::npos;
  }));
  ASSERT_TRUE(Until([&] { return client.Run({"SET", "key", "x"}) == "OK" &&
                                 redis.replica().Command({"GET", "key"}) == "x"; }));
  ASSERT_TRUE(Until([&] {
    return redis.replica().Command({"CLIENT", "LIST", "TYPE", "normal"}).find("name=trackwire") !=
           std::string::npos;
  }));
}

TEST(RedisSentinelTest, SaysThatTheSentinelsKnowNoSuchMaster) {
  test::RedisServer sentinel({.sentinel = true, .lines = {"sentinel monitor main 127.0.0.1 1 1"}});
  const std::string at = "redis+sentinel://127.0.0.1:" + std::to_string(sentinel.port());
  TestClient client(QuickOptions(at + "/other"));
  EXPECT_TRUE(Until([&] {
    return client.LastError().find("knows no such master") != std::string::npos;
  })) << client.LastError();
  EXPECT_EQ(client.changes(), 0);
}

}  // namespace
}  // namespace trackwire::broker
