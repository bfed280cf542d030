#include "tracking/freshness.h"

#include <gtest/gtest.h>

namespace trackwire::tracking {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

std::string At(std::chrono::milliseconds age, std::chrono::seconds interval) {
  return ToString(FreshnessOf(kNow - age, interval, kNow));
}

TEST(FreshnessTest, FollowsTheExpectedInterval) {
  EXPECT_EQ(At(0s, 30s), "live");
  EXPECT_EQ(At(60s, 30s), "live");
  EXPECT_EQ(At(60s + 1ms, 30s), "delayed");
  EXPECT_EQ(At(150s, 30s), "delayed");
  EXPECT_EQ(At(150s + 1ms, 30s), "stale");
  EXPECT_EQ(At(24h, 30s), "stale");
  EXPECT_EQ(At(24h + 1ms, 30s), "expired");
}

TEST(FreshnessTest, KeepsWhatReportsSeldomForLonger) {
  EXPECT_EQ(At(24h, 12h), "live");
  EXPECT_EQ(At(25h, 12h), "delayed");
  EXPECT_EQ(At(61h, 12h), "stale");
  EXPECT_EQ(At(240h, 12h), "stale");
  EXPECT_EQ(At(240h + 1ms, 12h), "expired");
}

TEST(FreshnessTest, WithoutAnIntervalTheUsualOneCounts) {
  EXPECT_EQ(At(2min, 0s), "live");
  EXPECT_EQ(At(2min + 1ms, 0s), "delayed");
  EXPECT_EQ(At(5min + 1ms, -1s), "stale");
}

TEST(FreshnessTest, AClockThatIsAheadAndAnAbsurdIntervalAreNoTrouble) {
  EXPECT_EQ(At(-30s, 10s), "live");
  EXPECT_EQ(At(24h, std::chrono::seconds::max()), "live");
  EXPECT_EQ(ToString(FreshnessOf(WallTime{}, 10s, kNow)), std::string("expired"));
}

TEST(FreshnessTest, ATrackerSaysItsInterval) {
  Tracker tracker;
  tracker.expected_interval = 3600s;
  EXPECT_EQ(FreshnessOf(tracker, kNow - 1h, kNow), Freshness::kLive);
  tracker.expected_interval = 1s;
  EXPECT_EQ(FreshnessOf(tracker, kNow - 1h, kNow), Freshness::kStale);
}

}  // namespace
}  // namespace trackwire::tracking
