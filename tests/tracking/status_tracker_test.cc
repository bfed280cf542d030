#include "tracking/status_tracker.h"

#include <gtest/gtest.h>

namespace trackwire::tracking {
namespace {

using namespace std::chrono_literals;

const WallTime kStart{std::chrono::milliseconds(1'700'000'000'000)};

class StatusTrackerTest : public testing::Test {
 protected:
  /// What changed: `axis:previous>status(reason)`, joined by blanks.
  static std::string Told(const std::vector<StatusChange>& changes) {
    std::string out;
    for (const StatusChange& c : changes) {
      if (!out.empty()) out += ' ';
      out += std::string(c.motion_axis ? "motion" : "connectivity") + ":" + c.previous_status +
             ">" + c.status + "(" + c.reason + ")";
    }
    return out;
  }

  std::string Fixed(std::chrono::milliseconds at, std::optional<double> speed,
                    double metres_north = 0, std::optional<double> accuracy = {}) {
    Fix fix;
    fix.place = {metres_north / 111'195.0, 0};
    fix.fix_time = kStart + at;
    fix.speed_mps = speed;
    fix.accuracy_m = accuracy;
    last_ = tracker_.OnFix(fix, kStart + at);
    return Told(last_);
  }
  std::string Silent(std::chrono::milliseconds at) {
    last_ = tracker_.OnTime(kStart + at);
    return Told(last_);
  }

  static TrackerState Fresh() {
    TrackerState state;
    state.tracker.id = Id("a");
    state.tracker.offline_after = 600s;
    return state;
  }

  StatusOptions options_;
  StatusTracker tracker_{Fresh(), options_, kStart};
  std::vector<StatusChange> last_;
};

TEST_F(StatusTrackerTest, IsUnknownUntilHeard) {
  EXPECT_EQ(Silent(24h), "");
  EXPECT_FALSE(tracker_.due());
  EXPECT_EQ(tracker_.status().connectivity, Connectivity::kUnknown);
}

TEST_F(StatusTrackerTest, FirstFixDecidesBothAxesOnce) {
  EXPECT_EQ(Fixed(0s, 5), "connectivity:unknown>online(contact) motion:unknown>moving(motion)");
  EXPECT_EQ(Fixed(10s, 5), "");
}

TEST_F(StatusTrackerTest, GoesOfflineOnceAfterItsTimeoutAndComesBack) {
  Fixed(0s, 0);
  EXPECT_EQ(*tracker_.due(), kStart + 600s);
  EXPECT_EQ(Silent(600s - 1ms), "");
  EXPECT_EQ(Silent(600s), "connectivity:online>offline(timeout)");
  EXPECT_EQ(Silent(601s), "");
  EXPECT_EQ(Fixed(700s, 0), "connectivity:offline>online(contact)");
}

TEST_F(StatusTrackerTest, EntersMovingBySpeedAfterAWhile) {
  Fixed(0s, 0);
  EXPECT_EQ(Fixed(60s, 2), "");
  EXPECT_EQ(Fixed(65s, 2), "");
  EXPECT_EQ(Fixed(70s, 2), "motion:stopped>moving(motion)");
  EXPECT_EQ(last_[0].since, kStart + 60s);
  EXPECT_EQ(last_[0].timestamp, kStart + 70s);
}

TEST_F(StatusTrackerTest, OneFastFixIsNotMovement) {
  Fixed(0s, 0);
  EXPECT_EQ(Fixed(60s, 2), "");
  EXPECT_EQ(Fixed(120s, 0.1), "");
  EXPECT_EQ(Fixed(180s, 2), "");
}

TEST_F(StatusTrackerTest, LeavesMovingOnlyAfterLongerStillness) {
  Fixed(0s, 5);
  EXPECT_EQ(Fixed(60s, 0.1), "");
  EXPECT_EQ(Fixed(179s, 0.1), "");
  EXPECT_EQ(Fixed(180s, 0.1), "motion:moving>stopped(motion)");
  EXPECT_EQ(last_[0].since, kStart + 60s);
}

TEST_F(StatusTrackerTest, SpeedsBetweenTheThresholdsChangeNothing) {
  Fixed(0s, 5);
  for (int minute = 1; minute < 10; ++minute) EXPECT_EQ(Fixed(minute * 60s, 0.6), "");
  Fixed(10min, 0);
  EXPECT_EQ(Fixed(13min, 0), "motion:moving>stopped(motion)");
  for (int minute = 14; minute < 20; ++minute) EXPECT_EQ(Fixed(minute * 60s, 0.6), "");
}

TEST_F(StatusTrackerTest, WithoutSpeedMovesByDistanceAndStopsByTime) {
  EXPECT_EQ(Fixed(0s, {}), "connectivity:unknown>online(contact)");
  EXPECT_EQ(Fixed(60s, {}, 20), "");
  EXPECT_EQ(Fixed(120s, {}, 20), "motion:unknown>stopped(motion)");
  EXPECT_EQ(Fixed(180s, {}, 200), "motion:stopped>moving(motion)");
  EXPECT_EQ(Fixed(240s, {}, 200), "");
  EXPECT_EQ(Fixed(360s, {}, 200), "motion:moving>stopped(motion)");
}

TEST_F(StatusTrackerTest, AShiftWithinBothAccuraciesIsNoise) {
  Fixed(0s, {}, 0, 100);
  Fixed(120s, {}, 0, 100);
  EXPECT_EQ(Fixed(180s, {}, 190, 100), "");
  EXPECT_EQ(Fixed(240s, {}, 0, 100), "");
  EXPECT_EQ(Fixed(300s, {}, 210, 100), "motion:stopped>moving(motion)");
}

TEST_F(StatusTrackerTest, SwingingAtAnchorIsNotMovement) {
  Fixed(0s, 0);
  for (int step = 1; step <= 20; ++step) EXPECT_EQ(Fixed(step * 60s, 0.1, step * 15), "");
}

TEST_F(StatusTrackerTest, DepartureAfterALongStopIsSeenWithoutSpeed) {
  Fixed(0s, {});
  Fixed(2min, {});
  Fixed(10h, {}, 10);
  EXPECT_EQ(Fixed(10h + 60s, {}, 400),
            "motion:stopped>moving(motion)");
}

TEST_F(StatusTrackerTest, ProviderDownAndUp) {
  Fixed(0s, 0);
  EXPECT_EQ(Told(tracker_.OnProvider(false, kStart + 60s)),
            "connectivity:online>unknown(provider_down)");
  EXPECT_EQ(Told(tracker_.OnProvider(false, kStart + 61s)), "");
  EXPECT_EQ(Silent(2h), "");
  EXPECT_EQ(Told(tracker_.OnProvider(true, kStart + 2h)), "") << "nobody listened to the silence";
  EXPECT_EQ(*tracker_.due(), kStart + 2h + 600s);
  EXPECT_EQ(Silent(2h + 599s), "");
  EXPECT_EQ(Silent(2h + 600s), "connectivity:unknown>offline(timeout)");
  Fixed(3h, 0);
  tracker_.OnProvider(false, kStart + 3h);
  EXPECT_EQ(Told(tracker_.OnProvider(true, kStart + 3h + 60s)),
            "connectivity:unknown>online(contact)");
}

TEST_F(StatusTrackerTest, ALastWillEndsTheContactAtOnceAndTheNextReportBeginsIt) {
  Fixed(0s, 5);
  last_ = tracker_.OnLastWill(kStart + 30s, kStart + 40s);
  EXPECT_EQ(Told(last_), "connectivity:online>offline(last_will)");
  EXPECT_EQ(last_[0].since, kStart + 30s);
  EXPECT_EQ(last_[0].timestamp, kStart + 40s);
  EXPECT_EQ(tracker_.status().motion, Motion::kMoving) << "that says nothing of how it moves";
  EXPECT_EQ(Told(tracker_.OnLastWill(kStart + 50s, kStart + 50s)), "");
  EXPECT_EQ(Silent(2h), "");
  EXPECT_EQ(Fixed(2h + 1s, 5), "connectivity:offline>online(contact)");
  EXPECT_EQ(Told(tracker_.OnLastWill(kStart + 5h, kStart + 3h)),
            "connectivity:online>offline(last_will)");
  EXPECT_EQ(Fixed(3h, 5), "connectivity:offline>online(contact)") << "nobody speaks of the future";
}

TEST_F(StatusTrackerTest, WhatWasSaidBeforeALastWillDoesNotUndoIt) {
  Fixed(0s, 0);
  tracker_.OnLastWill(kStart + 60s, kStart + 60s);
  EXPECT_TRUE(tracker_.IsGoneSince(kStart + 60s - 1ms));
  EXPECT_FALSE(tracker_.IsGoneSince(kStart + 60s));
  EXPECT_EQ(Told(tracker_.OnContact(kStart + 59s, kStart + 61s)), "");
  EXPECT_EQ(Told(tracker_.OnContact(kStart + 60s, kStart + 61s)),
            "connectivity:offline>online(contact)");
  EXPECT_FALSE(tracker_.IsGoneSince(kStart));
}

TEST_F(StatusTrackerTest, ALastWillHoldsWhileItsProviderGoesAndComes) {
  Fixed(0s, 0);
  tracker_.OnLastWill(kStart + 10s, kStart + 10s);
  EXPECT_EQ(Told(tracker_.OnProvider(false, kStart + 20s)),
            "connectivity:offline>unknown(provider_down)");
  EXPECT_EQ(Told(tracker_.OnProvider(true, kStart + 30s)),
            "connectivity:unknown>offline(last_will)");
  Fixed(40s, 0);
  tracker_.OnProvider(false, kStart + 50s);
  EXPECT_EQ(Told(tracker_.OnLastWill(kStart + 55s, kStart + 55s)), "") << "nobody can tell";
  EXPECT_EQ(Told(tracker_.OnProvider(true, kStart + 60s)),
            "connectivity:unknown>offline(last_will)");
}

TEST_F(StatusTrackerTest, NeverHeardStaysUnknownWhenTheProviderComesBack) {
  EXPECT_EQ(Told(tracker_.OnProvider(false, kStart)), "");
  EXPECT_EQ(Told(tracker_.OnProvider(true, kStart + 1h)), "");
}

TEST_F(StatusTrackerTest, ARestartRepeatsNothingAndCountsSilenceFromItself) {
  TrackerState state = Fresh();
  state.status = {Connectivity::kOnline, Motion::kStopped, kStart - 2h, kStart - 1h};
  state.last_seen_at = kStart - 1h;
  StatusTracker again(state, options_, kStart);
  EXPECT_TRUE(again.OnTime(kStart).empty());
  EXPECT_EQ(*again.due(), kStart + 600s);
  Fix fix;
  fix.fix_time = kStart + 1s;
  fix.speed_mps = 0;
  EXPECT_TRUE(again.OnFix(fix, kStart + 1s).empty());
}

TEST(StatusChangeJsonTest, HasEveryMember) {
  const StatusChange change{Id("a"), true, "moving", "stopped", "motion", kStart, kStart + 5ms};
  EXPECT_EQ(ToJson(change),
            R"({"tracker_id":"a","axis":"motion","status":"moving","previous_status":"stopped",)"
            R"("reason":"motion","since":"2023-11-14T22:13:20.000Z",)"
            R"("timestamp":"2023-11-14T22:13:20.005Z"})");
}

TEST_F(StatusTrackerTest, AfterARestartAProviderThatIsBackIsNoContact) {
  TrackerState state = Fresh();
  state.status = {Connectivity::kUnknown, Motion::kStopped, kStart - 2h, kStart - 3h};
  state.last_seen_at = kStart - 3h;
  StatusTracker again(state, options_, kStart);
  EXPECT_FALSE(again.due()) << "its provider was down";
  EXPECT_EQ(Told(again.OnProvider(true, kStart + 1s)), "");
  EXPECT_EQ(Told(again.OnTime(kStart + 601s)), "connectivity:unknown>offline(timeout)");
}

TEST_F(StatusTrackerTest, AContactOfLongAgoSaysNothingOfNow) {
  EXPECT_EQ(Told(tracker_.OnContact(kStart - 600s, kStart)), "");
  EXPECT_EQ(tracker_.last_seen_at(), kStart - 600s);
  EXPECT_EQ(Told(tracker_.OnContact(kStart - 599s, kStart)), "connectivity:unknown>online(contact)");
  EXPECT_EQ(Silent(600s), "connectivity:online>offline(timeout)");
}

TEST_F(StatusTrackerTest, ChangesOfOneMomentBeginOneAfterTheOther) {
  Fixed(0s, 0);
  const WallTime online = tracker_.status().connectivity_since;
  tracker_.OnProvider(false, kStart);
  tracker_.OnProvider(true, kStart);
  EXPECT_EQ(tracker_.status().connectivity, Connectivity::kOnline);
  EXPECT_EQ(tracker_.status().connectivity_since, online + 2ms);
}

}  // namespace
}  // namespace trackwire::tracking
