#include "outbound/circuit_breaker.h"

#include <gtest/gtest.h>

#include "outbound/token_bucket.h"

namespace trackwire::outbound {
namespace {

using namespace std::chrono_literals;
using State = CircuitBreaker::State;

class CircuitBreakerTest : public ::testing::Test {
 protected:
  void Fail(int times) {
    for (int i = 0; i < times; ++i) breaker_.OnFailure(clock_.Now());
  }
  State state() const { return breaker_.state(clock_.Now()); }
  bool MayTry() const { return breaker_.MayTry(clock_.Now()); }

  ManualClock clock_;
  CircuitBreaker breaker_{3, 10s};
};

TEST_F(CircuitBreakerTest, OpensAfterFailuresInARow) {
  Fail(2);
  breaker_.OnSuccess();
  Fail(2);
  EXPECT_EQ(state(), State::kClosed);
  EXPECT_TRUE(breaker_.OnFailure(clock_.Now()));
  EXPECT_EQ(state(), State::kOpen);
  EXPECT_FALSE(MayTry());
  EXPECT_FALSE(breaker_.OnFailure(clock_.Now())) << "it is open already";
  EXPECT_EQ(breaker_.opened(), 1u);
}

TEST_F(CircuitBreakerTest, LetsOneThroughWhenItsTimeHasCome) {
  Fail(3);
  clock_.Advance(10s);
  EXPECT_EQ(state(), State::kHalfOpen);
  ASSERT_TRUE(MayTry());
  breaker_.OnStart(clock_.Now());
  EXPECT_FALSE(MayTry());
  // It came to nothing: another may try.
  breaker_.OnNothing();
  ASSERT_TRUE(MayTry());
  breaker_.OnStart(clock_.Now());
  EXPECT_TRUE(breaker_.OnFailure(clock_.Now()));
  EXPECT_EQ(state(), State::kOpen);
  clock_.Advance(10s);
  breaker_.OnStart(clock_.Now());
  EXPECT_TRUE(breaker_.OnSuccess());
  EXPECT_EQ(state(), State::kClosed);
  Fail(2);
  EXPECT_EQ(state(), State::kClosed);
}

TEST(TokenBucketTest, LetsARateThroughAndASecondsWorthAtOnce) {
  ManualClock clock;
  TokenBucket bucket(5, clock.Now());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(bucket.Take(clock.Now()));
  EXPECT_FALSE(bucket.Take(clock.Now()));
  EXPECT_GT(bucket.Wait(clock.Now()), 199ms);
  clock.Advance(bucket.Wait(clock.Now()));
  EXPECT_TRUE(bucket.Take(clock.Now()));
  EXPECT_FALSE(bucket.Take(clock.Now()));
  clock.Advance(1h);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(bucket.Take(clock.Now()));
  EXPECT_FALSE(bucket.Take(clock.Now()));
}

TEST(TokenBucketTest, KnowsLessThanOneASecond) {
  ManualClock clock;
  TokenBucket bucket(0.1, clock.Now());
  EXPECT_TRUE(bucket.Take(clock.Now()));
  clock.Advance(9s);
  EXPECT_FALSE(bucket.Take(clock.Now()));
  clock.Advance(1001ms);
  EXPECT_TRUE(bucket.Take(clock.Now()));
}

}  // namespace
}  // namespace trackwire::outbound
