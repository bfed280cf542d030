#include "net/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "net/timer_wheel.h"
#include "tests/net/net_test_client.h"

namespace trackwire::net {
namespace {

using testing::Eventually;
using namespace std::chrono_literals;

class CountingLoop final : public Loop {
 public:
  CountingLoop() : Loop("counting") {}
  ~CountingLoop() override { Stop(); }
  std::atomic<int> turns{0};

 private:
  void OnTurnEnd() override { ++turns; }
};

TEST(LoopTest, KeepsTheOrderOfEachPoster) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 20'000;
  Loop loop("order");
  loop.Start();
  std::vector<std::vector<int>> seen(kThreads);
  std::vector<std::thread> posters;
  for (int thread = 0; thread < kThreads; ++thread) {
    posters.emplace_back([&, thread] {
      for (int i = 0; i < kTasks; ++i) {
        loop.Post([&seen, thread, i] { seen[static_cast<size_t>(thread)].push_back(i); });
      }
    });
  }
  for (auto& poster : posters) poster.join();
  loop.Run([] {});
  for (const auto& tasks : seen) {
    ASSERT_EQ(tasks.size(), static_cast<size_t>(kTasks));
    for (int i = 0; i < kTasks; ++i) ASSERT_EQ(tasks[static_cast<size_t>(i)], i);
  }
}

TEST(LoopTest, RunsOnItsOwnThread) {
  Loop loop("thread");
  loop.Start();
  EXPECT_FALSE(loop.InThread());
  bool inside = false;
  loop.Run([&] { inside = loop.InThread(); });
  EXPECT_TRUE(inside);
}

TEST(LoopTest, TasksOfABatchShareOneTurn) {
  CountingLoop loop;
  std::vector<int> turns;  // how many had ended when each task ran
  for (int i = 0; i < 100; ++i) loop.Post([&] { turns.push_back(loop.turns); });
  loop.Start();
  loop.Run([] {});
  EXPECT_EQ(turns, std::vector<int>(100, 0));
}

TEST(LoopTest, TheTimeStandsStillWithinATurn) {
  Loop loop("time");
  loop.Start();
  const auto before = Steady::now();
  Steady::time_point first;
  Steady::time_point second;
  loop.Run([&] {
    first = loop.now();
    while (Steady::now() <= first) {
    }
    second = loop.now();
  });
  EXPECT_EQ(first, second);
  EXPECT_GE(first, before);
}

TEST(LoopTest, FiresTimers) {
  Loop loop("timers");
  loop.Start();
  std::promise<void> fired;
  Timer timer([](void* promise) { static_cast<std::promise<void>*>(promise)->set_value(); },
              &fired);
  Steady::time_point started;
  loop.Run([&] {
    started = Steady::now();
    timer.Start(loop.timers(), 30ms);
  });
  ASSERT_EQ(fired.get_future().wait_for(testing::kPatience), std::future_status::ready);
  EXPECT_GE(Steady::now() - started, 30ms);
}

TEST(LoopTest, AnEarlierTimerOvertakesALaterOne) {
  Loop loop("overtake");
  loop.Start();
  std::promise<void> fired;
  Timer late([](void*) { FAIL(); }, nullptr);
  Timer early([](void* promise) { static_cast<std::promise<void>*>(promise)->set_value(); },
              &fired);
  loop.Run([&] { late.Start(loop.timers(), 1h); });
  loop.Run([&] { early.Start(loop.timers(), 10ms); });
  EXPECT_EQ(fired.get_future().wait_for(testing::kPatience), std::future_status::ready);
  loop.Run([&] { late.Cancel(); });
}

TEST(LoopTest, SurvivesWorkThatThrows) {
  Loop loop("throw");
  loop.Start();
  loop.Post([] { throw std::runtime_error("on purpose"); });
  boost::asio::post(loop.context(), [] { throw std::runtime_error("on purpose too"); });
  bool ran = false;
  loop.Run([&] { ran = true; });
  EXPECT_TRUE(ran);
}

TEST(LoopTest, StopRunsWhatWasPostedAndDestroysTheRest) {
  auto token = std::make_shared<int>(1);
  Loop loop("stop");
  loop.Start();
  std::atomic<int> ran{0};
  for (int i = 0; i < 10; ++i) loop.Post([&ran, token] { ++ran; });
  loop.Stop();
  EXPECT_EQ(ran, 10);
  loop.Post([&ran, token] { ++ran; });
  EXPECT_EQ(ran, 10);
  EXPECT_EQ(token.use_count(), 1);
  loop.Run([&ran] { ++ran; });  // does not wait for ever
  EXPECT_EQ(ran, 10);
  loop.Stop();
}

TEST(LoopTest, ALoopThatNeverStartedForgetsItsTasks) {
  auto token = std::make_shared<int>(1);
  {
    Loop loop("never");
    loop.Post([token] { FAIL(); });
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(LoopTest, TasksMayPostAndBeDestroyedPosting) {
  struct PostsWhenDestroyed {
    explicit PostsWhenDestroyed(Loop* on) : loop(on) {}
    ~PostsWhenDestroyed() {
      loop->Post([] {});
    }
    Loop* loop;
  };
  Loop loop("posting");
  loop.Start();
  std::atomic<int> depth{0};
  std::function<void()> again = [&] {
    if (++depth < 1000) loop.Post(again);
  };
  loop.Post(again);
  ASSERT_TRUE(Eventually([&] { return depth == 1000; }));
  auto last = std::make_shared<PostsWhenDestroyed>(&loop);
  loop.Stop();
  loop.Post([last = std::move(last)] {});
}

TEST(LoopTest, TurnsByHandUnderAClockOfTheTest) {
  ManualClock clock;
  Loop loop("by hand", clock);
  int tasks = 0;
  loop.Post([&] {
    ++tasks;
    EXPECT_TRUE(loop.InThread());
    EXPECT_EQ(loop.now(), clock.Now());
    loop.Post([&] { ++tasks; });
  });
  EXPECT_FALSE(loop.InThread());
  EXPECT_EQ(tasks, 0);
  while (loop.Poll()) {
  }
  EXPECT_EQ(tasks, 2);

  int fired = 0;
  Timer timer([](void* count) { ++*static_cast<int*>(count); }, &fired);
  loop.Post([&] { timer.Start(loop.timers(), 1min); });
  clock.Advance(59s);
  EXPECT_TRUE(loop.Poll());  // the task, from which the minute counts
  clock.Advance(59s);
  EXPECT_FALSE(loop.Poll());
  EXPECT_EQ(fired, 0);
  clock.Advance(2s);
  EXPECT_FALSE(loop.Poll());
  EXPECT_EQ(fired, 1);
}

}  // namespace
}  // namespace trackwire::net
