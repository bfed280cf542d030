#include "broker/bucket_table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/clock.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

TEST(BucketTableTest, AnOddRateGivesTheWholeBurst) {
  for (const double rate : {3.0, 7.0, 0.7, 1'000.0 / 3.0}) {
    ManualClock clock;
    BucketTable table(clock, 100);
    int allowed = 0;
    while (table.TakeAll({{"key", {rate, 30}}}).allowed) ++allowed;
    EXPECT_EQ(allowed, 30) << rate;
  }
}

TEST(BucketTableTest, OverAnHourItGivesBurstAndRate) {
  ManualClock clock;
  BucketTable table(clock, 100);
  int allowed = 0;
  for (int i = 0; i < 36'000; ++i) {
    if (table.TakeAll({{"key", {2, 10}}}).allowed) ++allowed;
    clock.Advance(100ms);
  }
  EXPECT_NEAR(allowed, 7'210, 2);
}

TEST(BucketTableTest, WhoWaitsAsToldIsAllowed) {
  ManualClock clock;
  BucketTable table(clock, 100);
  const std::vector<BucketCharge> charges{{"key", {7, 3}}};
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    const Verdict verdict = table.TakeAll(charges);
    if (verdict.allowed) continue;
    ++refused;
    clock.Advance(verdict.retry_after);
    EXPECT_TRUE(table.TakeAll(charges).allowed);
  }
  EXPECT_GT(refused, 90);
}

TEST(BucketTableTest, FullBucketsAreForgotten) {
  ManualClock clock;
  BucketTable table(clock, 1'000'000);
  for (int i = 0; i < 1'000; ++i) table.TakeAll({{"old " + std::to_string(i), {1, 5}}});
  EXPECT_EQ(table.size(), 1'000u);
  clock.Advance(1s);
  for (int i = 0; i < 500; ++i) table.TakeAll({{"new", {100, 1'000}}});
  EXPECT_LE(table.size(), 2u);
}

TEST(BucketTableTest, AtTheBoundTheOneNotUsedForLongestGoes) {
  ManualClock clock;
  BucketTable table(clock, 100);
  const BucketRule rule{0.001, 1};
  for (int i = 0; i < 100; ++i) table.TakeAll({{"key " + std::to_string(i), rule}});
  // Being refused is use: who tries on and on does not wash away its own bucket.
  EXPECT_FALSE(table.TakeAll({{"key 0", rule}}).allowed);
  for (int i = 0; i < 50; ++i) table.TakeAll({{"other " + std::to_string(i), rule}});
  EXPECT_EQ(table.size(), 100u);
  EXPECT_FALSE(table.TakeAll({{"key 0", rule}}).allowed);
  EXPECT_TRUE(table.TakeAll({{"key 1", rule}}).allowed);
  EXPECT_FALSE(table.TakeAll({{"key 99", rule}}).allowed);
}

TEST(BucketTableTest, OddNumbersDoNoHarm) {
  ManualClock clock;
  BucketTable table(clock, 100);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double huge = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(table.TakeAll({{"rate", {nan, 1}}}).allowed);
  EXPECT_TRUE(table.TakeAll({{"cost", {1, 1}, nan}}).allowed);
  EXPECT_TRUE(table.TakeAll({{"cost", {1, 1}, -5}}).allowed);
  EXPECT_TRUE(table.TakeAll({{"cost", {1, 1}, huge}}).allowed);
  EXPECT_FALSE(table.TakeAll({{"cost", {1, 1}, 1}}).allowed);
  EXPECT_TRUE(table.TakeAll({{"burst", {0.001, nan}}}).allowed);
  EXPECT_FALSE(table.TakeAll({{"burst", {0.001, nan}}}).allowed);
  const Verdict slow = table.TakeAll({{"slow", {1e-300, 1}}});
  EXPECT_TRUE(slow.allowed);
  EXPECT_LE(table.TakeAll({{"slow", {1e-300, 1}}}).retry_after, 24h);
}

TEST(BucketTableTest, AClockSetBackKeepsNobodyOutForLong) {
  double full_at = 5e12;
  const BucketRule rule{1, 10};
  EXPECT_LE(TakeFromBucket(full_at, 1e6, rule, 1), 1e6);
}

}  // namespace
}  // namespace trackwire::broker
