// How a server in the network is spared: rate, Retry-After, bans, the breaker, the queue.
#include <gtest/gtest.h>

#include "geocoding/online_geocoder.h"
#include "tests/geocoding/online_scene.h"

namespace trackwire::geocoding {
namespace {

using outbound::CircuitBreaker;
using test::Answer;
using test::Gate;
using test::Until;
using namespace std::chrono_literals;

TEST(OnlineLimitsTest, TwoGeocodersShareOneRate) {
  MapServer server({Answer(200, NominatimBody())});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.requests_per_second = 10;
  auto& first = scene.Make(options);
  auto& second = scene.Make(options);
  Outcomes outcomes;
  first.Look({50, 14, "en"}, outcomes.Next("first"));
  ASSERT_TRUE(Until([&] { return outcomes.count() == 1; }));
  // The bucket does not fill while the clock stands still, however often it is asked.
  second.Look({50, 14, "en"}, outcomes.Next("second"));
  first.Look({50, 14, "en"}, outcomes.Next("third"));
  ASSERT_TRUE(Until([&] { return scene.limiter().refused >= 6; }));
  EXPECT_EQ(server.count(), 1u);
  scene.still.Advance(100ms);
  ASSERT_TRUE(Until([&] { return outcomes.count() == 2; }));
  const int refused = scene.limiter().refused;
  ASSERT_TRUE(Until([&] { return scene.limiter().refused >= refused + 3; }));
  EXPECT_EQ(server.count(), 2u);
  scene.still.Advance(100ms);
  ASSERT_TRUE(Until([&] { return outcomes.count() == 3; }));
  EXPECT_EQ(server.count(), 3u);
  for (const Outcome& outcome : outcomes.all()) EXPECT_TRUE(outcome);
}

TEST(OnlineLimitsTest, OtherProvidersHaveTheirOwnRate) {
  MapServer server({Answer(200, NominatimBody())});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.requests_per_second = 1;
  auto& one = scene.Make(options);
  options.name = "other";
  auto& other = scene.Make(options);
  EXPECT_TRUE(scene.Look(one));
  EXPECT_TRUE(scene.Look(other));
  EXPECT_EQ(scene.limiter().refused, 0);
}

TEST(OnlineLimitsTest, WhoseTurnComesTooLateIsToldSo) {
  MapServer server({Answer(200, NominatimBody())});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.requests_per_second = 0.02;
  options.deadline = 20s;
  auto& geocoder = scene.Make(options);
  EXPECT_TRUE(scene.Look(geocoder));
  const auto late = scene.Look(geocoder);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().fault, LookupFault::kRateLimited);
  EXPECT_EQ(late.error().retry_after, 50s);
  EXPECT_TRUE(late.error().waits_for_turn);
  EXPECT_EQ(server.count(), 1u);
  EXPECT_EQ(geocoder.counters().rate_limited, 1u);
}

TEST(OnlineLimitsTest, ServesInTheOrderOfAskingAsManyAtOnceAsAllowed) {
  Gate gate;
  MapServer server([&](size_t, const std::string&) {
    gate.Wait();
    return Answer(200, NominatimBody());
  });
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.concurrency = 1;
  auto& geocoder = scene.Make(options);
  Outcomes outcomes;
  for (int i = 0; i < 8; ++i) {
    geocoder.Look({50 + i / 10'000.0, 14, "en"}, outcomes.Next(std::to_string(i)));
  }
  ASSERT_TRUE(Until([&] { return server.count() == 1; }));
  gate.Open();
  ASSERT_TRUE(Until([&] { return outcomes.count() == 8; }));
  EXPECT_EQ(outcomes.names(), (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7"}));
  EXPECT_EQ(server.most_at_once(), 1);
}

TEST(OnlineLimitsTest, AsksSeveralAtOnce) {
  std::atomic<int> inside{0};
  MapServer server([&](size_t, const std::string&) {
    ++inside;
    EXPECT_TRUE(Until([&] { return inside >= 3; }));
    return Answer(200, NominatimBody());
  });
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.concurrency = 3;
  auto& geocoder = scene.Make(options);
  Outcomes outcomes;
  for (int i = 0; i < 9; ++i) geocoder.Look({50, 14, "en"}, outcomes.Next(""));
  ASSERT_TRUE(Until([&] { return outcomes.count() == 9; }));
  EXPECT_LE(server.most_at_once(), 3);
}

TEST(OnlineLimitsTest, TooManyRequestsHoldBackEverything) {
  struct Case {
    std::string field;
    std::chrono::milliseconds wait;
  };
  for (const Case& one : {Case{"", 60s}, Case{"Retry-After: 77\r\n", 77s},
                          Case{"Retry-After: soon\r\n", 60s},
                          Case{"Retry-After: Fri, 31 Dec 2100 23:59:59 GMT\r\n", 24h}}) {
    MapServer server({Answer(429, "", one.field), Answer(200, NominatimBody())});
    OnlineScene scene;
    auto& geocoder = scene.Make(OnlineScene::For(server));
    for (int i = 0; i < 3; ++i) {
      const auto none = scene.Look(geocoder);
      ASSERT_FALSE(none);
      EXPECT_EQ(none.error().fault, LookupFault::kRateLimited);
      EXPECT_EQ(none.error().retry_after, one.wait) << one.field;
      EXPECT_FALSE(none.error().waits_for_turn);
    }
    EXPECT_EQ(server.count(), 1u) << one.field;
    scene.still.Advance(one.wait);
    EXPECT_TRUE(scene.Look(geocoder));
    EXPECT_EQ(geocoder.counters().breaker_opened, 0u);
  }
}

TEST(OnlineLimitsTest, AShortWaitIsWaitedFor) {
  for (const char* field : {"Retry-After: 0\r\n", "Retry-After: 1\r\n"}) {
    MapServer server({Answer(429, "", field), Answer(200, NominatimBody())});
    OnlineScene scene(&Clock::System());
    auto& geocoder = scene.Make(OnlineScene::For(server));
    const auto found = scene.Look(geocoder);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(server.count(), 2u);
    EXPECT_EQ(geocoder.counters().retries, 1u);
  }
}

TEST(OnlineLimitsTest, AServerThatIsDownMaySayForHowLong) {
  MapServer server({Answer(503, "", "Retry-After: 120\r\n"), Answer(200, NominatimBody())});
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server));
  const auto none = scene.Look(geocoder);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
  EXPECT_EQ(none.error().retry_after, 120s);
  EXPECT_FALSE(scene.Look(geocoder));
  EXPECT_EQ(server.count(), 1u);
  scene.still.Advance(120s);
  EXPECT_TRUE(scene.Look(geocoder));
}

TEST(OnlineLimitsTest, ABanIsObeyedForLong) {
  MapServer server({Answer(403, "blocked", "Retry-After: 5\r\n"), Answer(403, ""),
                    Answer(200, NominatimBody())});
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server));
  for (int round = 1; round <= 2; ++round) {
    for (int i = 0; i < 3; ++i) {
      const auto none = scene.Look(geocoder);
      ASSERT_FALSE(none);
      EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
      EXPECT_EQ(none.error().retry_after, 10min);
    }
    EXPECT_EQ(geocoder.counters().breaker, CircuitBreaker::State::kOpen);
    EXPECT_EQ(server.count(), static_cast<size_t>(round));
    scene.still.Advance(10min);
  }
  EXPECT_TRUE(scene.Look(geocoder));
  EXPECT_EQ(geocoder.counters().breaker, CircuitBreaker::State::kClosed);
  EXPECT_EQ(geocoder.counters().breaker_opened, 2u);
}

TEST(OnlineLimitsTest, TheBreakerOpensTriesAndCloses) {
  MapServer server({Answer(500, ""), Answer(500, ""), Answer(500, ""),
                    Answer(200, NominatimBody())});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.retries = 0;
  options.breaker_failures = 2;
  options.breaker_open_for = 30s;
  auto& geocoder = scene.Make(options);
  EXPECT_FALSE(scene.Look(geocoder));
  EXPECT_EQ(geocoder.counters().breaker, CircuitBreaker::State::kClosed);
  EXPECT_EQ(scene.Look(geocoder).error().retry_after, 30s);
  EXPECT_EQ(geocoder.counters().breaker, CircuitBreaker::State::kOpen);
  const auto spared = scene.Look(geocoder);
  ASSERT_FALSE(spared);
  EXPECT_EQ(spared.error().fault, LookupFault::kUnavailable);
  EXPECT_EQ(server.count(), 2u);
  scene.still.Advance(30s);
  EXPECT_FALSE(scene.Look(geocoder));  // tried, and failed
  EXPECT_FALSE(scene.Look(geocoder));
  EXPECT_EQ(server.count(), 3u);
  scene.still.Advance(30s);
  EXPECT_TRUE(scene.Look(geocoder));
  EXPECT_TRUE(scene.Look(geocoder));
  EXPECT_EQ(geocoder.counters().breaker, CircuitBreaker::State::kClosed);
  EXPECT_EQ(geocoder.counters().breaker_opened, 2u);
  EXPECT_EQ(server.count(), 5u);
}

TEST(OnlineLimitsTest, WhoWaitsWhenTheBreakerOpensIsAnsweredToo) {
  Gate gate;
  MapServer server([&](size_t, const std::string&) {
    gate.Wait();
    return Answer(500, "");
  });
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.breaker_failures = 1;
  auto& geocoder = scene.Make(options);
  Outcomes outcomes;
  for (int i = 0; i < 5; ++i) geocoder.Look({50, 14, "en"}, outcomes.Next(""));
  gate.Open();
  ASSERT_TRUE(Until([&] { return outcomes.count() == 5; }));
  for (const Outcome& outcome : outcomes.all()) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, LookupFault::kUnavailable);
    EXPECT_EQ(outcome.error().retry_after, options.breaker_open_for);
  }
  EXPECT_EQ(server.count(), 1u);
}

TEST(OnlineLimitsTest, WaitsNoLongerThanItsDeadline) {
  MapServer server({MapServer::kSilence});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.deadline = 400ms;
  const auto none = scene.Look(scene.Make(options));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
}

TEST(OnlineLimitsTest, WhoWaitsBehindASlowOneHasADeadlineToo) {
  MapServer server({MapServer::kSilence});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.deadline = 1s;
  auto& geocoder = scene.Make(options);
  Outcomes outcomes;
  geocoder.Look({50, 14, "en"}, outcomes.Next("sent"));
  geocoder.Look({50, 14, "en"}, outcomes.Next("waiting"));
  ASSERT_TRUE(Until([&] { return outcomes.count() == 2; }));
  for (const Outcome& outcome : outcomes.all()) EXPECT_FALSE(outcome);
}

TEST(OnlineLimitsTest, WhoComesWhenTooManyWaitIsRefused) {
  MapServer server({MapServer::kSilence});
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server));
  Outcomes outcomes;
  geocoder.Look({50, 14, "en"}, outcomes.Next("sent"));
  ASSERT_TRUE(Until([&] { return server.count() == 1; }));
  for (int i = 0; i < 1'000; ++i) geocoder.Look({50, 14, "en"}, outcomes.Next("in"));
  const auto refused = scene.Look(geocoder);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().fault, LookupFault::kRateLimited);
  EXPECT_TRUE(refused.error().retry_after);
  EXPECT_EQ(outcomes.count(), 0u);
  scene.DestroyAll();
  EXPECT_EQ(outcomes.count(), 1'001u);
}

TEST(OnlineLimitsTest, WhoCannotHaveATurnInTimeIsRefusedAtOnce) {
  MapServer server({MapServer::kSilence});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.requests_per_second = 1;
  options.deadline = 20s;
  auto& geocoder = scene.Make(options);
  Outcomes outcomes;
  for (int i = 0; i < 40; ++i) geocoder.Look({50, 14, "en"}, outcomes.Next(""));
  ASSERT_TRUE(Until([&] { return outcomes.count() >= 18; }));
  for (const Outcome& outcome : outcomes.all()) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, LookupFault::kRateLimited);
  }
}

}  // namespace
}  // namespace trackwire::geocoding
