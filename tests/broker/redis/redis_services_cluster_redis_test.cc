#include "tests/broker/redis/redis_process.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

TEST(RedisServicesClusterTest, TasksMessagesAndCacheWorkInACluster) {
  constexpr size_t kTasks = 200;
  test::RedisCluster cluster;
  RedisProcess one(cluster.url(), "{tw}:");
  RedisProcess two(cluster.url(), "{tw}:");

  auto worker = two.Work(kTasks, 60s);
  for (size_t n = 0; n < kTasks; ++n) {
    const auto added = AddTask(one.tasks(), "update", std::to_string(n), "x");
    ASSERT_TRUE(added) << added.error().detail;
    EXPECT_FALSE(added->joined);
  }
  for (const Task& task : worker->Taken(kTasks)) EXPECT_TRUE(worker->Finish(task.id));
  EXPECT_EQ(CountWaiting(two.tasks(), "update"), 0u);

  one.cache().Put("a", "1", 1min);
  EXPECT_TRUE(test::Until([&] {
    return test::Await<std::optional<std::string>>(
               [&](auto done) { two.cache().Get("a", done); }) == "1";
  }));

  std::atomic<int> heard = 0;
  std::unique_ptr<PubSub::Subscription> seat;
  two.loop().Run([&] {
    seat = two.pub_sub().Subscribe("news", [&](std::string_view) { ++heard; });
  });
  EXPECT_TRUE(test::Until([&] {
    one.pub_sub().Publish("news", "x");
    return heard > 0;
  }));
  two.loop().Run([&] { seat.reset(); });
}

}  // namespace
}  // namespace trackwire::broker
