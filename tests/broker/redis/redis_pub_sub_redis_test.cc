#include "tests/broker/redis/redis_process.h"

namespace trackwire::broker {
namespace {

TEST(RedisPubSubTest, ReachesOtherProcessesAndComesBackAfterALostServer) {
  test::RedisServer server;
  RedisProcess one(server.unix_url(), "p:");
  RedisProcess two(server.unix_url(), "p:");
  std::atomic<int> heard = 0;
  std::unique_ptr<PubSub::Subscription> seat;
  two.loop().Run([&] {
    seat = two.pub_sub().Subscribe("news", [&](std::string_view message) {
      heard += message == "from one" ? 1 : 0;
    });
  });
  const auto reaches = [&] {
    const int before = heard;
    return test::Until([&] {
      one.pub_sub().Publish("news", "from one");
      return heard > before;
    });
  };
  EXPECT_TRUE(reaches());
  server.Kill();
  EXPECT_TRUE(test::Until([&] { return !one.Up() && !two.Up(); }));
  const uint64_t dropped = one.pub_sub().dropped();
  one.pub_sub().Publish("news", "nobody hears this");
  EXPECT_TRUE(test::Until([&] { return one.pub_sub().dropped() > dropped; }));
  server.Restart();
  EXPECT_TRUE(reaches());
  EXPECT_TRUE(test::Until([&] { return server.Command({"PUBLISH", "p:news", "x"}) == "1"; }))
      << "one listener, though it came back";
  two.loop().Run([&] { seat.reset(); });
  EXPECT_TRUE(test::Until([&] { return server.Command({"PUBLISH", "p:news", "x"}) == "0"; }));
}

}  // namespace
}  // namespace trackwire::broker
