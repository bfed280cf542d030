#include "net/timer_wheel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

namespace trackwire::net {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

/// A timer that runs a function.
class Alarm {
 public:
  explicit Alarm(std::function<void()> ring) : ring_(std::move(ring)) {}
  Timer& timer() { return timer_; }

 private:
  std::function<void()> ring_;
  Timer timer_{[](void* self) {
                 // The function may destroy the alarm.
                 const auto ring = static_cast<Alarm*>(self)->ring_;
                 ring();
               },
               this};
};

class TimerWheelTest : public ::testing::Test {
 protected:
  void Advance(std::chrono::milliseconds by) {
    clock_.Advance(by);
    wheel_.Advance(clock_.Now());
  }

  /// Sleeps from event to event, as a loop does; returns how often it woke.
  int RunUntilEmpty() {
    int wakes = 0;
    while (const auto next = wheel_.next_event()) {
      EXPECT_GT(*next, clock_.Now());
      Advance(std::chrono::ceil<std::chrono::milliseconds>(*next - clock_.Now()));
      ++wakes;
    }
    return wakes;
  }

  ManualClock clock_;
  TimerWheel wheel_{clock_};
};

TEST_F(TimerWheelTest, ATimerThatThrowsTakesNoOtherWithIt) {
  int rung = 0;
  Alarm first([] { throw std::runtime_error("on purpose"); });
  Alarm second([&] { ++rung; });
  Alarm third([] { throw 3; });
  Alarm fourth([&] { ++rung; });
  for (Alarm* alarm : {&first, &second, &third, &fourth}) alarm->timer().Start(wheel_, 20ms);
  Advance(30ms);
  EXPECT_EQ(rung, 2);
  EXPECT_EQ(wheel_.armed(), 0u);
  EXPECT_EQ(wheel_.next_event(), std::nullopt);
}

TEST_F(TimerWheelTest, FiresNotBeforeItsTimeAndAtMostATickLater) {
  for (const auto after : {0ms, 1ms, 10ms, 2550ms, 2560ms, 2570ms, 25'000ms, 163'840ms, 600'000ms,
                           10'485'760ms, 90'000'000ms, 700'000'000ms}) {
    SCOPED_TRACE(after.count());
    Advance(7ms);
    int rung = 0;
    Alarm alarm([&] { ++rung; });
    const auto start = clock_.Now();
    alarm.timer().Start(wheel_, after);
    EXPECT_TRUE(alarm.timer().armed());
    RunUntilEmpty();
    EXPECT_EQ(rung, 1);
    EXPECT_FALSE(alarm.timer().armed());
    EXPECT_GE(clock_.Now() - start, after);
    EXPECT_LE(clock_.Now() - start, after + TimerWheel::kTick * 2);
  }
}

TEST_F(TimerWheelTest, FiresLateTimersAllAtOnceInOrder) {
  std::vector<int> order;
  Alarm third([&] { order.push_back(3); });
  Alarm first([&] { order.push_back(1); });
  Alarm second([&] { order.push_back(2); });
  third.timer().Start(wheel_, 30'000ms);
  first.timer().Start(wheel_, 50ms);
  second.timer().Start(wheel_, 5'000ms);
  Advance(60'000ms);
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST_F(TimerWheelTest, CancelledTimersStaySilent) {
  Alarm alarm([] { FAIL(); });
  alarm.timer().Cancel();
  alarm.timer().Start(wheel_, 100ms);
  alarm.timer().Cancel();
  alarm.timer().Cancel();
  EXPECT_EQ(wheel_.armed(), 0u);
  EXPECT_FALSE(wheel_.next_event());
  {
    Alarm gone([] { FAIL(); });
    gone.timer().Start(wheel_, 100ms);
  }
  Advance(1'000ms);
}

TEST_F(TimerWheelTest, StartingAgainMovesATimer) {
  int rung = 0;
  Alarm alarm([&] { ++rung; });
  alarm.timer().Start(wheel_, 100ms);
  Advance(90ms);
  alarm.timer().Start(wheel_, 100ms);
  EXPECT_EQ(wheel_.armed(), 1u);
  Advance(90ms);
  EXPECT_EQ(rung, 0);
  Advance(20ms);
  EXPECT_EQ(rung, 1);
}

TEST_F(TimerWheelTest, ACallbackMayCancelAnotherOfItsTick) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  int rung = 0;
  for (int i = 0; i < 3; ++i) {
    alarms.push_back(std::make_unique<Alarm>([&] {
      ++rung;
      for (auto& alarm : alarms) alarm->timer().Cancel();
    }));
  }
  for (auto& alarm : alarms) alarm->timer().Start(wheel_, 50ms);
  Advance(1'000ms);
  EXPECT_EQ(rung, 1);
  EXPECT_EQ(wheel_.armed(), 0u);
}

TEST_F(TimerWheelTest, ACallbackMayDestroyItsTimer) {
  std::unique_ptr<Alarm> alarm;
  alarm = std::make_unique<Alarm>([&] { alarm.reset(); });
  alarm->timer().Start(wheel_, 50ms);
  Advance(100ms);
  EXPECT_EQ(alarm, nullptr);
}

TEST_F(TimerWheelTest, ACallbackMayStartItsTimerAgain) {
  int rung = 0;
  Alarm* self = nullptr;
  Alarm alarm([&] {
    ++rung;
    self->timer().Start(wheel_, 0ms);
  });
  self = &alarm;
  alarm.timer().Start(wheel_, 0ms);
  for (int i = 1; i <= 5; ++i) {
    Advance(10ms);
    EXPECT_EQ(rung, i) << "once a tick, never in an endless loop";
  }
}

TEST_F(TimerWheelTest, WakesOnlyForWhatIsDue) {
  Alarm alarm([] {});
  alarm.timer().Start(wheel_, 3'600'000ms);
  // One stop a level on the way down.
  EXPECT_LE(RunUntilEmpty(), 3);
}

TEST_F(TimerWheelTest, LongIdleTimesCostNothing) {
  Advance(std::chrono::hours(24 * 365));
  int rung = 0;
  Alarm alarm([&] { ++rung; });
  alarm.timer().Start(wheel_, 25'000ms);
  Advance(24'990ms);
  EXPECT_EQ(rung, 0);
  Advance(20ms);
  EXPECT_EQ(rung, 1);
}

TEST_F(TimerWheelTest, ManyTimersWithRandomTimesKeepThem) {
  std::mt19937 random(7);
  struct Entry {
    std::unique_ptr<Alarm> alarm;
    Steady::time_point due;
    bool cancelled = false;
  };
  std::vector<Entry> entries(20'000);
  size_t rung = 0;
  size_t cancelled = 0;
  for (auto& entry : entries) {
    const std::chrono::milliseconds after(random() % 1'000'000);
    entry.due = clock_.Now() + after;
    entry.alarm = std::make_unique<Alarm>([&] {
      ++rung;
      EXPECT_FALSE(entry.cancelled);
      EXPECT_GE(clock_.Now(), entry.due);
      EXPECT_LE(clock_.Now(), entry.due + 3 * TimerWheel::kTick);
    });
    entry.alarm->timer().Start(wheel_, after);
    if (random() % 4 == 0) Advance(std::chrono::milliseconds(random() % 20));
    if (random() % 8 == 0) {
      Entry& victim = entries[random() % static_cast<size_t>(&entry - entries.data() + 1)];
      if (victim.alarm->timer().armed()) {
        victim.alarm->timer().Cancel();
        victim.cancelled = true;
        ++cancelled;
      }
    }
  }
  RunUntilEmpty();
  EXPECT_EQ(rung + cancelled, entries.size());
}

TEST(TimerWheelEndTest, TimersMayOutliveTheWheel) {
  ManualClock clock;
  Timer timer([](void*) { FAIL(); }, nullptr);
  {
    TimerWheel wheel(clock);
    timer.Start(wheel, std::chrono::seconds(100));
  }
  EXPECT_FALSE(timer.armed());
  timer.Cancel();
}

}  // namespace
}  // namespace trackwire::net
