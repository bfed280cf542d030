#include <thread>

#include "tests/broker/backends.h"
#include "tests/broker/contract.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

// Slow enough that what the test itself takes does not count.
constexpr BucketRule kOneIn100Seconds{0.01, 3};

class LimiterContract : public BrokerContract {
 protected:
  static Verdict TakeAllOf(Broker& broker, std::vector<BucketCharge> charges) {
    return test::Await<Verdict>(
        [&](auto done) { broker.rate_limiter().TakeAll(std::move(charges), done); });
  }
  Verdict Take(const std::string& key, BucketRule rule, double cost = 1) {
    return TakeAllOf(*broker_, {{key, rule, cost}});
  }
  /// How many of one token each are allowed in a row, of at most `most`.
  int Allowed(const std::string& key, BucketRule rule, int most = 50) {
    for (int n = 0; n < most; ++n) {
      if (!Take(key, rule).allowed) return n;
    }
    return most;
  }
};

TEST_P(LimiterContract, ABucketHoldsItsBurst) {
  for (const double burst : {1.0, 3.0, 7.0, 20.0}) {
    const BucketRule rule{0.003, burst};
    EXPECT_EQ(Allowed("burst " + std::to_string(burst), rule), static_cast<int>(burst));
  }
}

TEST_P(LimiterContract, ARefusalSaysWhenToComeBack) {
  EXPECT_EQ(Take("key", kOneIn100Seconds).retry_after, 0ms);
  Take("key", kOneIn100Seconds, 2);
  const Verdict refused = Take("key", kOneIn100Seconds);
  EXPECT_FALSE(refused.allowed);
  EXPECT_GT(refused.retry_after, 30s);
  EXPECT_LE(refused.retry_after, 100s);
  Elapse(refused.retry_after - 30s);
  EXPECT_FALSE(Take("key", kOneIn100Seconds).allowed) << "nor did asking cost anything";
  Elapse(30s);
  EXPECT_TRUE(Take("key", kOneIn100Seconds).allowed);
  EXPECT_FALSE(Take("key", kOneIn100Seconds).allowed);
}

TEST_P(LimiterContract, ABucketNeverHoldsMoreThanItsBurst) {
  Take("key", kOneIn100Seconds, 3);
  Elapse(10h);
  EXPECT_EQ(Allowed("key", kOneIn100Seconds), 3);
}

TEST_P(LimiterContract, KeysHaveBucketsOfTheirOwn) {
  EXPECT_EQ(Allowed("a", kOneIn100Seconds), 3);
  EXPECT_EQ(Allowed("b", kOneIn100Seconds), 3);
}

TEST_P(LimiterContract, ACostAboveTheBurstTakesAllOfIt) {
  EXPECT_TRUE(Take("key", kOneIn100Seconds, 1'000).allowed);
  EXPECT_FALSE(Take("key", kOneIn100Seconds).allowed);
}

TEST_P(LimiterContract, WhatIsPutBackMayBeTakenAgain) {
  EXPECT_EQ(Allowed("key", kOneIn100Seconds), 3);
  EXPECT_TRUE(Take("key", kOneIn100Seconds, -2).allowed);
  EXPECT_EQ(Allowed("key", kOneIn100Seconds), 2);
  EXPECT_TRUE(Take("key", kOneIn100Seconds, -1'000).allowed);
  EXPECT_TRUE(Take("key", kOneIn100Seconds, -1).allowed);
  EXPECT_EQ(Allowed("key", kOneIn100Seconds), 3) << "never more than a full one holds";
  EXPECT_TRUE(Take("fresh", kOneIn100Seconds, -1).allowed);
  EXPECT_EQ(Allowed("fresh", kOneIn100Seconds), 3);
}

TEST_P(LimiterContract, ARuleWithoutARateIsNoLimit) {
  EXPECT_EQ(Allowed("off", {0, 1}), 50);
  EXPECT_EQ(Allowed("negative", {-1, 1}), 50);
  EXPECT_EQ(Allowed("tiny burst", {0.001, 0}), 1);
  EXPECT_TRUE(TakeAllOf(*broker_, {}).allowed);
}

TEST_P(LimiterContract, AllBucketsAllowOrNoneIsTakenFrom) {
  const BucketRule narrow{0.01, 1};
  const BucketRule wide{0.01, 10};
  EXPECT_TRUE(TakeAllOf(*broker_, {{"wide", wide}, {"narrow", narrow}}).allowed);
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(TakeAllOf(*broker_, {{"wide", wide}, {"narrow", narrow}}).allowed);
    EXPECT_FALSE(TakeAllOf(*broker_, {{"narrow", narrow}, {"wide", wide}}).allowed);
  }
  EXPECT_EQ(Allowed("wide", wide), 9);
}

TEST_P(LimiterContract, ManyThreadsTakeNoMoreThanThereIs) {
  const BucketRule rule{0.001, 100};
  std::atomic<int> allowed{0};
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        broker_->rate_limiter().Take("key", rule, 1, [&](Verdict verdict) {
          if (verdict.allowed) ++allowed;
          ++answered;
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(test::Until([&] { return answered == 200; }));
  EXPECT_EQ(allowed, 100);
}

TEST_P(LimiterContract, ProcessesShareABucket) {
  net::Loop loop("other");
  loop.Start();
  if (auto other = backend_->OpenAnother(loop, clock_)) {
    EXPECT_TRUE(Take("key", kOneIn100Seconds).allowed);
    EXPECT_TRUE(TakeAllOf(*other, {{"key", kOneIn100Seconds}}).allowed);
    EXPECT_TRUE(Take("key", kOneIn100Seconds).allowed);
    EXPECT_FALSE(TakeAllOf(*other, {{"key", kOneIn100Seconds}}).allowed);
    EXPECT_EQ(broker_->rate_limiter().decided_alone(), 0u);
    loop.Run([&] { other.reset(); });
  } else {
    EXPECT_EQ(Allowed("key", kOneIn100Seconds), 3) << "there is one process";
  }
  loop.Stop();
}

INSTANTIATE_TEST_SUITE_P(Backends, LimiterContract, testing::ValuesIn(kPersistentBackends));

}  // namespace
}  // namespace trackwire::broker
