#include "load/pacer.h"

#include <gtest/gtest.h>

namespace trackwire::bench {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Plan RatePlan() {
  return {.mode = Mode::kRate,
          .messages_per_second = 10,
          .window = 100,
          .batch = 4,
          .start_ns = 5 * kSecond,
          .duration_ns = 2 * kSecond};
}

Plan SaturatedPlan() {
  return {.mode = Mode::kSaturated,
          .window = 8,
          .batch = 4,
          .start_ns = 5 * kSecond,
          .duration_ns = kSecond};
}

TEST(PacerTest, HasNothingToDoByDefault) {
  const Pacer pacer;
  EXPECT_TRUE(pacer.IsFinished(0));
  EXPECT_EQ(pacer.Due(0, 0), 0u);
}

TEST(PacerTest, FollowsTheScheduleAtARate) {
  Pacer pacer(RatePlan(), 0);
  EXPECT_EQ(pacer.Due(5 * kSecond - 1, 0), 0u);
  EXPECT_EQ(pacer.Due(5 * kSecond, 0), 1u);
  EXPECT_EQ(pacer.Sent(1, 5 * kSecond), 5 * kSecond);
  EXPECT_EQ(pacer.Due(5 * kSecond + kSecond / 20, 0), 0u);
  EXPECT_EQ(pacer.NextDue_ns(), 5 * kSecond + kSecond / 10);
}

TEST(PacerTest, MeasuresLateMessagesFromWhenTheyWereDue) {
  Pacer pacer(RatePlan(), 0);
  const int64_t late = 6 * kSecond;
  EXPECT_EQ(pacer.Due(late, 0), 4u);
  EXPECT_EQ(pacer.Sent(4, late), 5 * kSecond);
  EXPECT_EQ(pacer.interval_ns(), kSecond / 10);
  EXPECT_EQ(pacer.Sent(4, late), 5 * kSecond + 4 * kSecond / 10);
}

TEST(PacerTest, SendsAllMessagesOfARateHoweverLate) {
  Pacer pacer(RatePlan(), 1000);
  uint64_t sent = 0;
  while (const size_t due = pacer.Due(100 * kSecond, 1000 + sent)) {
    EXPECT_FALSE(pacer.IsFinished(100 * kSecond));
    (void)pacer.Sent(due, 100 * kSecond);
    sent += due;
  }
  EXPECT_EQ(sent, 20u);
  EXPECT_TRUE(pacer.IsFinished(100 * kSecond));
  EXPECT_EQ(pacer.NextDue_ns(), -1);
}

TEST(PacerTest, StopsAtTheWindowAlsoAtARate) {
  Plan plan = RatePlan();
  plan.window = 4;
  Pacer pacer(plan, 0);
  (void)pacer.Sent(4, 6 * kSecond);
  EXPECT_EQ(pacer.Due(6 * kSecond, 0), 0u);
  EXPECT_EQ(pacer.Due(6 * kSecond, 3), 3u);
}

TEST(PacerTest, SendsWholeBatchesWhenSaturated) {
  Pacer pacer(SaturatedPlan(), 100);
  const int64_t now = 5 * kSecond;
  EXPECT_EQ(pacer.NextDue_ns(), now);
  EXPECT_EQ(pacer.Due(now, 100), 4u);
  EXPECT_EQ(pacer.Sent(4, now), now);
  EXPECT_EQ(pacer.Sent(4, now + 1), now + 1);
  EXPECT_EQ(pacer.Due(now, 100), 0u);
  EXPECT_EQ(pacer.Due(now, 103), 0u) << "three free places are less than a batch";
  EXPECT_EQ(pacer.Due(now, 104), 4u);
}

TEST(PacerTest, SaturatedEndsByTime) {
  Pacer pacer(SaturatedPlan(), 0);
  EXPECT_FALSE(pacer.IsFinished(6 * kSecond - 1));
  EXPECT_TRUE(pacer.IsFinished(6 * kSecond));
  EXPECT_EQ(pacer.Due(6 * kSecond, 0), 0u);
}

TEST(PacerTest, EndsByCountWithASmallerLastBatch) {
  Plan plan = SaturatedPlan();
  plan.max_messages = 6;
  Pacer pacer(plan, 0);
  (void)pacer.Sent(4, 5 * kSecond);
  EXPECT_EQ(pacer.Due(5 * kSecond, 0), 2u);
  (void)pacer.Sent(2, 5 * kSecond);
  EXPECT_TRUE(pacer.IsFinished(5 * kSecond));
}

TEST(PacerTest, CanBeStopped) {
  Pacer pacer(SaturatedPlan(), 0);
  pacer.Stop();
  EXPECT_TRUE(pacer.IsFinished(5 * kSecond));
  EXPECT_EQ(pacer.Due(5 * kSecond, 0), 0u);
}

}  // namespace
}  // namespace trackwire::bench
