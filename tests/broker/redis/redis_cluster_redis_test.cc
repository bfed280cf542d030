#include <gtest/gtest.h>

#include "broker/redis/slot_map.h"
#include "tests/broker/redis/redis_client_fixture.h"
#include "tests/broker/redis/test_subscriber.h"

namespace trackwire::broker {
namespace {

using test::RedisCluster;
using test::Until;

/// Increments one key without end, one after the other, and counts what came of it.
class Load {
 public:
  Load(TestClient& client, std::string key) : client_(client), key_(std::move(key)) {
    client_.loop().Run([this] {
      for (int i = 0; i < 20; ++i) Next();
    });
  }
  void Stop() {
    stopping_ = true;
    EXPECT_TRUE(Until([this] { return running_ == 0; }));
  }
  int values() const { return values_; }
  int failures() const { return failures_; }

 private:
  void Next() {
    ++running_;
    client_.client().Send({"INCR", key_}, [this](const Result<RespValue>& reply) {
      ++(reply && reply->is_integer() ? values_ : failures_);
      if (!stopping_) Next();
      --running_;
    });
  }

  TestClient& client_;
  const std::string key_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> running_{0}, values_{0}, failures_{0};
};

TEST(RedisClusterTest, FindsTheMasterOfEachKeyAndFollowsSlotsThatMove) {
  RedisCluster cluster;
  TestClient client(QuickOptions(cluster.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  EXPECT_EQ(client.Mode(), RedisMode::kCluster);
  for (int i = 0; i < 300; ++i) {
    const std::string key = "key" + std::to_string(i);
    ASSERT_EQ(client.Run({"SET", key, key}), "OK");
    ASSERT_EQ(client.Eval("return redis.call('GET', KEYS[1])", {key}, {}), key);
  }
  EXPECT_EQ(client.Counters().redirects, 0u);
  const auto all = test::Await<size_t>([&](auto done) {
    client.loop().Post([&client, done] {
      client.client().SendToAll({"DBSIZE"}, [done](const Result<std::vector<RespValue>>& sizes) {
        size_t sum = 0;
        for (const RespValue& size : *sizes) sum += static_cast<size_t>(size.integer);
        done(sum + 1000 * sizes->size());
      });
    });
  });
  EXPECT_EQ(all, 3300u);

  const std::string key = "counter{tag}";
  const int slot = cluster.SlotOf(key);
  ASSERT_EQ(slot, RedisSlot(key));
  const size_t from = cluster.OwnerOf(key), to = (from + 1) % cluster.size();
  Load load(client, key);
  ASSERT_TRUE(Until([&] { return load.values() > 100; }));
  cluster.BeginMove(slot, from, to);
  ASSERT_EQ(client.Run({"SET", "fresh{tag}", "asked"}), "OK");
  EXPECT_GE(client.Counters().redirects, 1u);
  cluster.MoveKeys(slot, from, to);
  const int before = load.values();
  ASSERT_TRUE(Until([&] { return load.values() > before + 100; }));
  cluster.EndMove(slot, from, to);
  const int after = load.values();
  ASSERT_TRUE(Until([&] { return load.values() > after + 100; }));
  load.Stop();
  EXPECT_EQ(load.failures(), 0);
  EXPECT_EQ(client.Run({"GET", key}), std::to_string(load.values()));
  EXPECT_EQ(client.Run({"GET", "fresh{tag}"}), "asked");
  EXPECT_EQ(client.changes(), 1);
}

TEST(RedisClusterTest, HearsShardedChannelsOnTheNodesThatOwnThem) {
  RedisCluster cluster;
  TestClient client(QuickOptions(cluster.url()));
  TestSubscriber subscriber(QuickOptions(cluster.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  subscriber.Subscribe(ChannelKind::kPlain, "plain");
  for (int i = 0; i < 20; ++i) {
    const std::string channel = "c" + std::to_string(i);
    subscriber.Subscribe(ChannelKind::kSharded, channel);
    ASSERT_EQ(client.Run({"SPUBLISH", channel, "x"}), "1");
    ASSERT_EQ(subscriber.Take(1), std::vector<std::string>{channel + " " + channel + " x"});
  }
  for (size_t i = 0; i < cluster.size(); ++i) {
    cluster.node(i).Command({"PUBLISH", "plain", std::to_string(i)});
    EXPECT_EQ(subscriber.Take(1).back(), "plain plain " + std::to_string(i));
  }

  ASSERT_TRUE(subscriber.WaitUntil(true));
  const int changes = subscriber.changes();
  const std::string channel = "c7";
  const int slot = cluster.SlotOf(channel);
  const size_t from = cluster.OwnerOf(channel), to = (from + 1) % cluster.size();
  cluster.BeginMove(slot, from, to);
  cluster.EndMove(slot, from, to);
  ASSERT_TRUE(Until([&] { return subscriber.changes() >= changes + 2 && subscriber.up(); }));
  EXPECT_TRUE(Until([&] { return client.Run({"SPUBLISH", channel, "moved"}) == "1"; }));
  EXPECT_EQ(subscriber.Take(1).back(), channel + " " + channel + " moved");
}

TEST(RedisClusterTest, IsDownWhileSlotsHaveNoMaster) {
  RedisCluster cluster;
  TestClient client(QuickOptions(cluster.url()));
  ASSERT_TRUE(client.WaitUntil(true));
  Load load(client, "key");
  ASSERT_TRUE(Until([&] { return load.values() > 100; }));
  cluster.node(0).Kill();
  ASSERT_TRUE(client.WaitUntil(false));
  EXPECT_NE(client.LastError(), "");
  cluster.node(0).Restart();
  ASSERT_TRUE(client.WaitUntil(true));
  const int before = load.values();
  ASSERT_TRUE(Until([&] { return load.values() > before + 100; }));
  load.Stop();
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(client.Run({"SET", "key" + std::to_string(i), "x"}), "OK");
  }
}

}  // namespace
}  // namespace trackwire::broker
