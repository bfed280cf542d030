// Revocations and rate limits when Redis comes and goes.
#include "tests/broker/redis_gateways.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

constexpr BucketRule kSlow{0.001, 3};

class RedisLimitsTest : public RedisGateways {
 protected:
  Verdict Take(Gateway& gateway, const std::string& key) {
    return test::Await<Verdict>([&](auto done) {
      gateway.broker().rate_limiter().Take(key, kSlow, 1, done);
    });
  }
  Result<void> Revoke(Gateway& gateway, const std::string& subject) {
    const WallTime now = Clock::System().WallNow();
    return test::Await<Result<void>>([&](auto done) {
      gateway.broker().revocations().Revoke({subject, now, now + 1h}, done);
    });
  }
};

TEST_F(RedisLimitsTest, WithoutRedisBucketsOfTheProcessDecideAtOnce) {
  Gateway& gateway = AddGateway();
  server_.Kill();
  ASSERT_TRUE(test::Until([&] { return !gateway.Health().link->up; }));
  RateLimiter& limiter = gateway.broker().rate_limiter();
  int allowed = 0;
  int answered = 0;
  for (int i = 0; i < 10; ++i) {
    limiter.Take("key", kSlow, 1, [&](Verdict verdict) {
      ++answered;
      if (verdict.allowed) ++allowed;
    });
  }
  EXPECT_EQ(answered, 10) << "before the calls returned";
  EXPECT_EQ(allowed, 3);
  EXPECT_EQ(limiter.decided_alone(), 10u);
  server_.Restart();
  ASSERT_TRUE(test::Until([&] { return gateway.Health().link->up; }));
  ASSERT_TRUE(test::Until([&] {
    const uint64_t before = limiter.decided_alone();
    Take(gateway, "other");
    return limiter.decided_alone() == before;
  }));
}

TEST_F(RedisLimitsTest, APausedRedisIsNotWaitedFor) {
  Gateway& gateway = AddGateway();
  EXPECT_TRUE(Take(gateway, "key").allowed);
  server_.Pause();
  int allowed = 0;
  for (int i = 0; i < 5; ++i) allowed += Take(gateway, "key").allowed ? 1 : 0;
  EXPECT_EQ(allowed, 3) << "by a bucket of its own";
  server_.Resume();
}

TEST_F(RedisLimitsTest, ABucketOfAWrongTypeIsReplaced) {
  Gateway& gateway = AddGateway();
  server_.Command({"HSET", "socket:limit:key", "field", "value"});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Take(gateway, "key").allowed);
  EXPECT_FALSE(Take(gateway, "key").allowed);
  EXPECT_EQ(gateway.broker().rate_limiter().decided_alone(), 0u);
}

TEST_F(RedisLimitsTest, BucketsExpireByThemselves) {
  Gateway& gateway = AddGateway();
  Take(gateway, "key");
  const int64_t left = std::stoll(server_.Command({"PTTL", "socket:limit:key"}));
  EXPECT_GT(left, 0);
  EXPECT_LE(left, 1'000'000);
}

TEST_F(RedisLimitsTest, AHandlerIsToldToListAnewAfterALostLink) {
  Gateway& one = AddGateway();
  Gateway& other = AddGateway();
  std::atomic<int> reloads{0};
  loop_.Run([&] {
    other.broker().revocations().OnChange([&](const auto& change) {
      if (!change) ++reloads;
    });
  });
  ASSERT_TRUE(Revoke(one, "user:1"));
  const int before = reloads;
  server_.Kill();
  ASSERT_TRUE(test::Until([&] { return !one.Health().link->up; }));
  server_.Restart();
  EXPECT_TRUE(test::Until([&] { return reloads > before; }));
  EXPECT_TRUE(Revoke(one, "user:2"));
  const auto listed = test::Await<Result<std::vector<Revocation>>>(
      [&](auto done) { other.broker().revocations().List(done); });
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->size(), 2u);
}

TEST_F(RedisLimitsTest, GarbageAmongRevocationsIsPassedOver) {
  Gateway& gateway = AddGateway();
  ASSERT_TRUE(Revoke(gateway, "user:1"));
  server_.Command({"HSET", "socket:revocations", "user:2", "soon", "user:3", "1 2x"});
  server_.Command({"PUBLISH", "socket:revocation", "nonsense"});
  const auto listed = test::Await<Result<std::vector<Revocation>>>(
      [&](auto done) { gateway.broker().revocations().List(done); });
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().subject, "user:1");
  EXPECT_TRUE(Revoke(gateway, "user:2")) << "what is no revocation is replaced";
}

TEST_F(RedisLimitsTest, TheIndexOfSessionsForgetsWhatExpired) {
  RedisBrokerOptions options = Options();
  options.session_lifetime = 1s;
  Gateway& gateway = AddGateway(options);
  gateway.broker().sessions().Save({"key", "proof", "a", "x"});
  ASSERT_TRUE(test::Until([&] { return server_.Command({"ZCARD", "socket:sessions"}) == "1"; }));
  // Nobody lists them: the broker itself looks now and then.
  EXPECT_TRUE(test::Until([&] { return server_.Command({"ZCARD", "socket:sessions"}) == "0"; }));
}

}  // namespace
}  // namespace trackwire::broker
