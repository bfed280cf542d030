#include "auth/password_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <stdexcept>

#include "tests/support/await.h"

namespace trackwire::auth {
namespace {

/// Holds the threads of a pool until it is opened.
struct Gate {
  std::promise<void> opened;
  std::shared_future<void> open = opened.get_future().share();
  std::atomic<int> inside{0};

  PasswordPool::Job Job() {
    return [this] {
      ++inside;
      open.wait();
    };
  }
};

TEST(PasswordPoolTest, RunsNoMoreAtATimeThanItHasThreads) {
  Gate gate;
  std::atomic<int> later{0};
  PasswordPool pool(2, 10);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(pool.Submit(gate.Job()));
  ASSERT_TRUE(test::Until([&] { return gate.inside == 2; }));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pool.Submit([&later] { ++later; }));
  EXPECT_EQ(later, 0);
  EXPECT_FALSE(pool.Submit([&later] { later = 1'000; })) << "the queue is full";
  gate.opened.set_value();
  EXPECT_TRUE(test::Until([&] { return later == 10; }));
  EXPECT_TRUE(pool.Submit([&later] { ++later; }));
  EXPECT_TRUE(test::Until([&] { return later == 11; }));
}

TEST(PasswordPoolTest, DropsWhatStillWaitsAtTheEnd) {
  Gate gate;
  std::atomic<bool> ran{false};
  const auto token = std::make_shared<int>(0);
  std::thread opener;
  {
    PasswordPool pool(1, 10);
    ASSERT_TRUE(pool.Submit(gate.Job()));
    ASSERT_TRUE(test::Until([&] { return gate.inside == 1; }));
    ASSERT_TRUE(pool.Submit([&ran, token] { ran = true; }));
    opener = std::thread([&] {
      // The pool lets go of what waits before it waits for what runs.
      EXPECT_TRUE(test::Until([&] { return token.use_count() == 1; }));
      gate.opened.set_value();
    });
  }
  opener.join();
  EXPECT_FALSE(ran);
}

TEST(PasswordPoolTest, OutlivesAJobThatThrows) {
  PasswordPool pool(1, 10);
  std::atomic<bool> ran{false};
  ASSERT_TRUE(pool.Submit([] { throw std::runtime_error("no"); }));
  ASSERT_TRUE(pool.Submit([&ran] { ran = true; }));
  EXPECT_TRUE(test::Until([&] { return ran.load(); }));
}

}  // namespace
}  // namespace trackwire::auth
