#include "auth/rate_limits.h"

#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <thread>
#include <vector>

#include "auth/event_meter.h"
#include "broker/embedded/embedded_rate_limiter.h"

namespace trackwire::auth {
namespace {

using namespace std::chrono_literals;
using broker::Verdict;

/// Asked later, as one whose buckets lie with others.
class LateLimiter final : public broker::RateLimiter {
 public:
  explicit LateLimiter(broker::RateLimiter& real) : real_(real) {}
  void TakeAll(std::vector<broker::BucketCharge> charges, Done done) override {
    waiting.push_back({std::move(charges), std::move(done)});
  }
  void Answer() {
    while (!waiting.empty()) {
      auto [charges, done] = std::move(waiting.front());
      waiting.pop_front();
      real_.TakeAll(std::move(charges), std::move(done));
    }
  }
  std::deque<std::pair<std::vector<broker::BucketCharge>, Done>> waiting;

 private:
  broker::RateLimiter& real_;
};

class RateLimitsTest : public testing::Test {
 protected:
  RateLimitsTest() {
    for (auto& kind : rules_.rules) {
      for (auto& rule : kind) rule = {0, 1};
    }
  }
  RateLimits Make() { return RateLimits(limiter_, clock_, rules_); }
  static Verdict Check(RateLimits& limits, LimitKind kind, const Caller& caller) {
    Verdict found;
    bool answered = false;
    limits.Check(kind, caller, [&](Verdict verdict) {
      found = verdict;
      answered = true;
    });
    EXPECT_TRUE(answered);
    return found;
  }
  static int Allowed(RateLimits& limits, LimitKind kind, const Caller& caller, int most = 200) {
    for (int n = 0; n < most; ++n) {
      if (!Check(limits, kind, caller).allowed) return n;
    }
    return most;
  }
  int Passed(EventMeter& meter, int most = 2'000) {
    for (int n = 0; n < most; ++n) {
      if (!meter.Take(clock_.Now()).allowed) return n;
    }
    return most;
  }

  ManualClock clock_;
  broker::EmbeddedRateLimiter limiter_{clock_, 1'000};
  LimitRules rules_;
};

TEST_F(RateLimitsTest, EveryScopeMustAllow) {
  rules_.Of(LimitKind::kGeocoding, LimitScope::kSession) = {1, 2};
  rules_.Of(LimitKind::kGeocoding, LimitScope::kUser) = {1, 5};
  rules_.Of(LimitKind::kGeocoding, LimitScope::kAddress) = {1, 7};
  auto limits = Make();
  const std::string home = "203.0.113.9";
  EXPECT_EQ(Allowed(limits, LimitKind::kGeocoding, {"one", "alice", home}), 2);
  EXPECT_EQ(Allowed(limits, LimitKind::kGeocoding, {"two", "alice", home}), 2);
  EXPECT_EQ(Allowed(limits, LimitKind::kGeocoding, {"three", "alice", home}), 1)
      << "alice has had her five";
  EXPECT_EQ(Allowed(limits, LimitKind::kGeocoding, {"four", "bob", home}), 2)
      << "the address has had its seven";
  EXPECT_EQ(Allowed(limits, LimitKind::kGeocoding, {"five", "bob", "203.0.113.10"}), 2);
  EXPECT_EQ(limits.counters().allowed[static_cast<size_t>(LimitKind::kGeocoding)], 9u);
  EXPECT_EQ(limits.counters().refused[static_cast<size_t>(LimitKind::kGeocoding)], 5u);
}

TEST_F(RateLimitsTest, KindsDoNotShareBuckets) {
  rules_.Of(LimitKind::kGraphql, LimitScope::kUser) = {1, 3};
  rules_.Of(LimitKind::kApi, LimitScope::kUser) = {1, 4};
  auto limits = Make();
  const Caller alice{"", "alice", "203.0.113.9"};
  EXPECT_EQ(Allowed(limits, LimitKind::kGraphql, alice), 3);
  EXPECT_EQ(Allowed(limits, LimitKind::kApi, alice), 4);
  EXPECT_EQ(Allowed(limits, LimitKind::kGeocoding, alice), 200) << "it has no rule";
  EXPECT_EQ(Allowed(limits, LimitKind::kGraphql, {}), 200) << "nobody to count it for";
}

TEST_F(RateLimitsTest, LoginsAreCountedByNameAndByAddress) {
  rules_.Of(LimitKind::kLogin, LimitScope::kUser) = {0.1, 3};
  rules_.Of(LimitKind::kLogin, LimitScope::kAddress) = {0.1, 5};
  auto limits = Make();
  EXPECT_EQ(Allowed(limits, LimitKind::kLogin, {"", "Alice", "127.0.0.1"}), 3);
  const Verdict refused = Check(limits, LimitKind::kLogin, {"", "alice", "203.0.113.9"});
  EXPECT_FALSE(refused.allowed) << "the same account, from elsewhere";
  EXPECT_EQ(refused.retry_after, 10s);
  EXPECT_EQ(Allowed(limits, LimitKind::kLogin, {"", "bob", "127.0.0.1"}), 2)
      << "loopback is no excuse";
  clock_.Advance(10s);
  EXPECT_EQ(Allowed(limits, LimitKind::kLogin, {"", "ALICE", "203.0.113.9"}), 1);
}

TEST_F(RateLimitsTest, LoopbackIsFreeForWhatProxiesAndLoadTestsDo) {
  for (const LimitKind kind : {LimitKind::kConnection, LimitKind::kApi, LimitKind::kGraphql}) {
    rules_.Of(kind, LimitScope::kUser) = {1, 2};
    rules_.Of(kind, LimitScope::kAddress) = {1, 1};
  }
  rules_.Of(LimitKind::kEvent, LimitScope::kSession) = {1, 1};
  auto limits = Make();
  for (const char* address : {"127.0.0.1", "::1"}) {
    EXPECT_EQ(Allowed(limits, LimitKind::kConnection, {"", "alice", address}), 200);
    EXPECT_EQ(Allowed(limits, LimitKind::kApi, {"", "alice", address}), 200);
    EXPECT_TRUE(limits.CheckHandshake(address).allowed);
    EXPECT_TRUE(limits.CheckHandshake(address).allowed);
    EXPECT_EQ(limits.MeterFor({"", "alice", address}), nullptr);
  }
  EXPECT_EQ(Allowed(limits, LimitKind::kGraphql, {"", "alice", "::1"}), 2) << "by user";
  EXPECT_EQ(Allowed(limits, LimitKind::kGraphql, {"", "", "::1"}), 200) << "not by address";
  rules_.loopback = true;
  auto strict = Make();
  EXPECT_EQ(Allowed(strict, LimitKind::kConnection, {"", "carol", "127.0.0.1"}), 1);
  EXPECT_NE(strict.MeterFor({"", "alice", "127.0.0.1"}), nullptr);
}

TEST_F(RateLimitsTest, ACustomerOfIpv6IsOneAddress) {
  rules_.Of(LimitKind::kConnection, LimitScope::kAddress) = {1, 3};
  auto limits = Make();
  int allowed = 0;
  for (int i = 0; i < 50; ++i) {
    const std::string address = "2001:db8:1:2::" + std::to_string(i);
    if (limits.CheckHandshake(address).allowed) ++allowed;
  }
  EXPECT_EQ(allowed, 3);
  EXPECT_TRUE(limits.CheckHandshake("2001:db8:1:3::1").allowed);
}

TEST_F(RateLimitsTest, WhoIsRefusedIsCountedApartFromHandshakes) {
  rules_.Of(LimitKind::kConnection, LimitScope::kAddress) = {1, 1};
  rules_.Of(LimitKind::kApi, LimitScope::kAddress) = {1, 2};
  auto limits = Make();
  EXPECT_TRUE(limits.CheckHandshake("203.0.113.9").allowed);
  EXPECT_TRUE(limits.CheckRefused("203.0.113.9").allowed);
  EXPECT_TRUE(limits.CheckRefused("203.0.113.9").allowed);
  EXPECT_FALSE(limits.CheckRefused("203.0.113.9").allowed);
  EXPECT_TRUE(limits.CheckRefused("203.0.113.10").allowed);
  EXPECT_TRUE(limits.CheckRefused("127.0.0.1").allowed);
  EXPECT_EQ(limits.counters().refused[static_cast<size_t>(LimitKind::kApi)], 1u);
}

TEST_F(RateLimitsTest, KeysAreShortAndNameNobody) {
  const std::string key = BucketKey(LimitKind::kLogin, LimitScope::kUser, std::string(100'000, 'x'));
  EXPECT_LT(key.size(), 64u);
  EXPECT_EQ(key.find("xxx"), std::string::npos);
  EXPECT_NE(key, BucketKey(LimitKind::kLogin, LimitScope::kUser, std::string(100'001, 'x')));
  EXPECT_EQ(BucketKey(LimitKind::kApi, LimitScope::kAddress, "203.0.113.9"),
            "api:address:203.0.113.9");
}

TEST_F(RateLimitsTest, RetryIsInWholeSecondsAndNeverZero) {
  EXPECT_EQ(RetrySeconds(0ms), 1);
  EXPECT_EQ(RetrySeconds(1ms), 1);
  EXPECT_EQ(RetrySeconds(1'001ms), 2);
}

TEST_F(RateLimitsTest, TheDefaultsLetAPersonThrough) {
  RateLimits limits(limiter_, clock_, LimitRules());
  const Caller someone{"sid", "somebody", "203.0.113.9"};
  auto meter = limits.MeterFor(someone);
  for (int second = 0; second < 600; ++second) {
    EXPECT_TRUE(Check(limits, LimitKind::kApi, someone).allowed);
    EXPECT_TRUE(Check(limits, LimitKind::kGeocoding, someone).allowed);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(meter->Take(clock_.Now()).allowed);
    clock_.Advance(1s);
  }
}

TEST_F(RateLimitsTest, ASocketHasItsOwnEvents) {
  rules_.Of(LimitKind::kEvent, LimitScope::kSession) = {10, 20};
  auto limits = Make();
  auto one = limits.MeterFor({"", "", "203.0.113.9"});
  auto other = limits.MeterFor({"", "", "203.0.113.9"});
  EXPECT_EQ(Passed(*one), 20);
  EXPECT_EQ(one->Take(clock_.Now()).retry_after, 100ms);
  EXPECT_EQ(Passed(*other), 20);
  clock_.Advance(500ms);
  EXPECT_EQ(Passed(*one), 5);
}

TEST_F(RateLimitsTest, EventsOfAUserAreCountedOverAllSockets) {
  rules_.Of(LimitKind::kEvent, LimitScope::kUser) = {10, 100};
  auto limits = Make();
  auto one = limits.MeterFor({"", "alice", "203.0.113.9"});
  auto other = limits.MeterFor({"", "alice", "203.0.113.10"});
  auto bob = limits.MeterFor({"", "bob", "203.0.113.9"});
  const int passed = Passed(*one);
  EXPECT_NEAR(passed, 100, 5) << "but for a group";
  EXPECT_LE(Passed(*other), 5);
  EXPECT_NEAR(Passed(*bob), 100, 5);
  clock_.Advance(5s);
  EXPECT_NEAR(Passed(*other), 50, 6);
}

TEST_F(RateLimitsTest, ShardsShareAUsersEvents) {
  rules_.Of(LimitKind::kEvent, LimitScope::kUser) = {0.001, 100};
  auto limits = Make();
  std::atomic<int> passed{0};
  std::vector<std::thread> shards;
  for (int shard = 0; shard < 4; ++shard) {
    shards.emplace_back([&] {
      auto meter = limits.MeterFor({"", "alice", "203.0.113.9"});
      for (int i = 0; i < 500; ++i) passed += meter->Take(clock_.Now()).allowed ? 1 : 0;
    });
  }
  for (std::thread& shard : shards) shard.join();
  EXPECT_GE(passed, 92) << "but for a group, and what another shard's refusal overtook";
  EXPECT_LE(passed, 120) << "but for what passed while a refusal was on its way";
}

TEST_F(RateLimitsTest, AFloodOfEventsGetsNoMoreThanTheRate) {
  rules_.Of(LimitKind::kEvent, LimitScope::kUser) = {10, 100};
  auto limits = Make();
  auto meter = limits.MeterFor({"", "alice", "203.0.113.9"});
  int passed = 0;
  for (int tick = 0; tick < 100 * 100; ++tick) {
    if (meter->Take(clock_.Now()).allowed) ++passed;
    clock_.Advance(10ms);
  }
  EXPECT_LE(passed, 100 + 100 * 10) << "a burst, and a hundred seconds";
  EXPECT_GE(passed, 1'050);
}

TEST_F(RateLimitsTest, ConnectingAnewIsNoWayAround) {
  rules_.Of(LimitKind::kEvent, LimitScope::kUser) = {0.001, 200};
  auto limits = Make();
  int passed = 0;
  for (int connection = 0; connection < 100; ++connection) {
    auto meter = limits.MeterFor({"", "alice", "203.0.113.9"});
    for (int i = 0; i < 9; ++i) passed += meter->Take(clock_.Now()).allowed ? 1 : 0;
  }
  EXPECT_LE(passed, 200);
  passed = 0;
  for (int connection = 0; connection < 100; ++connection) {
    auto meter = limits.MeterFor({"", "bob", "203.0.113.9"});
    passed += meter->Take(clock_.Now()).allowed ? 1 : 0;
  }
  EXPECT_EQ(passed, 100) << "who sends one event each time pays for no more";
}

TEST_F(RateLimitsTest, NoEventWaitsForTheOthers) {
  rules_.Of(LimitKind::kEvent, LimitScope::kAddress) = {10, 100};
  LateLimiter late(limiter_);
  RateLimits limits(late, clock_, rules_);
  auto meter = limits.MeterFor({"", "", "203.0.113.9"});
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(meter->Take(clock_.Now()).allowed);
  EXPECT_EQ(late.waiting.size(), 42u) << "groups of 1, 2 and 4, then one charge of five each";
  late.Answer();
  const Verdict refused = meter->Take(clock_.Now());
  EXPECT_FALSE(refused.allowed);
  EXPECT_GT(refused.retry_after, 0ms);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(meter->Take(clock_.Now()).allowed);
  EXPECT_TRUE(late.waiting.empty()) << "who is kept back asks nobody";
  clock_.Advance(refused.retry_after);
  EXPECT_TRUE(meter->Take(clock_.Now()).allowed);
}

TEST_F(RateLimitsTest, WhoSignsInAnewTakesTheSessionsBucketAlong) {
  rules_.Of(LimitKind::kEvent, LimitScope::kSession) = {1, 10};
  rules_.Of(LimitKind::kEvent, LimitScope::kUser) = {1, 1'000};
  auto limits = Make();
  auto meter = limits.MeterFor({"", "alice", "203.0.113.9"});
  EXPECT_EQ(Passed(*meter), 10);
  limits.Rename(*meter, "bob");
  EXPECT_EQ(meter->user(), "bob");
  EXPECT_EQ(Passed(*meter), 0);
}

TEST_F(RateLimitsTest, GoingOnAndOnIsAbuse) {
  rules_.Of(LimitKind::kEvent, LimitScope::kSession) = {1, 1};
  rules_.abuse_refusals = 10;
  rules_.abuse_window_s = 60;
  auto limits = Make();
  auto meter = limits.MeterFor({"", "", "203.0.113.9"});
  EXPECT_EQ(Passed(*meter), 1);
  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(meter->Abusive());
    meter->Take(clock_.Now());
  }
  EXPECT_FALSE(meter->Abusive()) << "nine refusals";
  clock_.Advance(61s);
  meter->Take(clock_.Now());
  for (int i = 0; i < 9; ++i) meter->Take(clock_.Now());
  EXPECT_FALSE(meter->Abusive()) << "a new window";
  meter->Take(clock_.Now());
  EXPECT_TRUE(meter->Abusive());
}

}  // namespace
}  // namespace trackwire::auth
