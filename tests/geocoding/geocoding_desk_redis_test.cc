#include <gtest/gtest.h>

#include "tests/geocoding/desk_contract.h"

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

/// A gateway of its own beside the house: its own link to the same Redis.
class Gateway {
 public:
  Gateway(test::RedisServer& server, const std::shared_ptr<Geocoder>& chain,
          GeocodingDesk::Options options = {}) {
    loop_.Start();
    broker::RedisBrokerOptions redis;
    redis.link.target = broker::ParseRedisUrl(server.unix_url()).value();
    redis.link.reply_timeout = 300ms;
    redis.unavailable_after = 300ms;
    auto opened = broker::OpenRedisBroker(std::move(redis), loop_, Clock::System());
    EXPECT_TRUE(opened);
    broker_ = std::move(*opened);
    options.chain = "test";
    loop_.Run([&] {
      desk_ = std::make_unique<GeocodingDesk>(loop_, *broker_, Clock::System(), nullptr, chain,
                                              options);
      desk_->Start();
    });
  }
  ~Gateway() { Kill(); }

  /// Without a word to Redis.
  void Kill() {
    loop_.Stop();
    desk_.reset();
    broker_.reset();
  }
  GeocodingDesk& desk() { return *desk_; }

 private:
  net::Loop loop_{"gateway"};
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<GeocodingDesk> desk_;
};

class GeocodingDeskRedisTest : public testing::Test {
 protected:
  static GeocodingDesk::Options Short() {
    GeocodingDesk::Options options;
    options.lease = 500ms;
    return options;
  }
  test::RedisServer& server() {
    return static_cast<broker::RedisBackend&>(house_.backend()).server();
  }

  DeskHouse house_{std::make_unique<broker::RedisBackend>()};
};

TEST_F(GeocodingDeskRedisTest, AnotherGatewayAnswersForOneThatWasKilled) {
  auto held = std::make_shared<TestChain>();
  auto doomed = std::make_unique<Gateway>(server(), held, Short());
  house_.Connect("s1");
  for (int i = 0; i < 10; ++i) {
    house_.Ask(doomed->desk(), "r" + std::to_string(i), 1 + i % 2, 1);
  }
  EXPECT_TRUE(test::Until([&] { return held->count() == 2; }));
  doomed->Kill();
  auto chain = std::make_shared<TestChain>(TestChain::Street);
  house_.AddDesk(chain, Short());
  for (int i = 0; i < 10; ++i) {
    const std::string id = "r" + std::to_string(i);
    EXPECT_TRUE(test::Until([&] { return house_.ToldOf(id).size() >= 2; })) << id;
    EXPECT_EQ(house_.ToldOf(id).size(), 2u);
    EXPECT_EQ(house_.ToldOf(id).back().Short(), "result");
  }
  EXPECT_EQ(chain->count(), 2u);
}

TEST_F(GeocodingDeskRedisTest, GatewaysShareLookupsAndAnswers) {
  auto chain = std::make_shared<TestChain>();
  Gateway one(server(), chain);
  Gateway other(server(), chain);
  house_.Connect("s1");
  for (int i = 0; i < 20; ++i) {
    house_.Ask((i % 2 == 0 ? one : other).desk(), "r" + std::to_string(i), 1 + i % 3, 1);
  }
  EXPECT_TRUE(test::Until([&] { return chain->count() >= 3; }));
  chain->Let(TestChain::Street);
  EXPECT_TRUE(test::Until([&] { return house_.Ended() >= 20; }));
  for (int i = 0; i < 20; ++i) {
    const auto told = house_.ToldOf("r" + std::to_string(i));
    ASSERT_EQ(told.size(), 2u);
    EXPECT_EQ(told[0].name, "geocoding_queued");
    EXPECT_EQ(told[1].Short(), "result");
  }
  EXPECT_EQ(chain->count(), 3u);
  house_.Ask(other.desk(), "again", 1, 1);
  house_.Expect("again", {"cached"});
}

TEST_F(GeocodingDeskRedisTest, SaysUnavailableWhileRedisIsAway) {
  auto chain = std::make_shared<TestChain>();
  Gateway gateway(server(), chain, [] {
    GeocodingDesk::Options options;
    options.patience = 100ms;
    return options;
  }());
  house_.Connect("s1");
  house_.Ask(gateway.desk(), "before", 1, 1);
  EXPECT_TRUE(test::Until([&] { return chain->count() == 1; }));
  server().Pause();
  const auto taken = house_.Ask(gateway.desk(), "away", 2, 1);
  ASSERT_TRUE(taken.error);
  EXPECT_EQ(taken.error->code, "provider_unavailable");
  const auto look = house_.Look(gateway.desk(), 3, 1);
  ASSERT_FALSE(look);
  EXPECT_EQ(look.error().code, "provider_unavailable");
  // What was answered meanwhile is told when Redis is back.
  chain->Let(TestChain::Street);
  server().Resume();
  EXPECT_TRUE(test::Until([&] { return house_.ToldOf("before").size() == 2; }));
  EXPECT_EQ(house_.ToldOf("before").back().Short(), "result");
}

}  // namespace
}  // namespace trackwire::geocoding
