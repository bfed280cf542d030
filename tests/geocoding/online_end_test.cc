// A geocoder that is destroyed while somebody waits for it.
#include <gtest/gtest.h>

#include "geocoding/online_geocoder.h"
#include "tests/geocoding/online_scene.h"

namespace trackwire::geocoding {
namespace {

using test::Answer;
using test::Until;
using namespace std::chrono_literals;

const Place kPlace{50, 14, "en"};

void ExpectUnavailable(const Outcomes& outcomes, size_t count) {
  const auto all = outcomes.all();
  ASSERT_EQ(all.size(), count);
  for (const Outcome& outcome : all) {
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().fault, LookupFault::kUnavailable);
  }
}

TEST(OnlineEndTest, WhatIsUnderWayIsAnswered) {
  MapServer server({MapServer::kSilence});
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server));
  Outcomes outcomes;
  for (int i = 0; i < 3; ++i) geocoder.Look(kPlace, outcomes.Next(""));
  ASSERT_TRUE(Until([&] { return server.count() == 1; }));
  scene.DestroyAll();
  ExpectUnavailable(outcomes, 3);
}

TEST(OnlineEndTest, WhatWaitsToBeAskedAgainIsAnswered) {
  MapServer server({Answer(429, "", "Retry-After: 5\r\n")});
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server));
  Outcomes outcomes;
  geocoder.Look(kPlace, outcomes.Next(""));
  ASSERT_TRUE(Until([&] { return geocoder.counters().retries == 1; }));
  scene.DestroyAll();
  ExpectUnavailable(outcomes, 1);
}

TEST(OnlineEndTest, WhatWaitsForItsTurnIsAnswered) {
  MapServer server({Answer(200, NominatimBody())});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.requests_per_second = 0.1;
  auto& geocoder = scene.Make(options);
  EXPECT_TRUE(scene.Look(geocoder));
  Outcomes outcomes;
  geocoder.Look(kPlace, outcomes.Next(""));
  ASSERT_TRUE(Until([&] { return scene.limiter().refused >= 1; }));
  scene.DestroyAll();
  ExpectUnavailable(outcomes, 1);
}

TEST(OnlineEndTest, WhatHasNotReachedTheLoopIsAnswered) {
  MapServer server({MapServer::kSilence});
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server));
  Outcomes outcomes;
  scene.loop().Run([&] {
    geocoder.Look(kPlace, outcomes.Next(""));
    geocoder.Look(kPlace, outcomes.Next(""));
    EXPECT_EQ(outcomes.count(), 0u);
    scene.loop().Post([&] { scene.DestroyAllHere(); });
    geocoder.Look(kPlace, outcomes.Next(""));
  });
  ASSERT_TRUE(Until([&] { return outcomes.count() == 3; }));
  ExpectUnavailable(outcomes, 3);
}

TEST(OnlineEndTest, AnAnswerMayEndIt) {
  MapServer server({Answer(200, NominatimBody())});
  OnlineScene scene;
  auto& geocoder = scene.Make(OnlineScene::For(server));
  Outcomes outcomes;
  std::atomic<bool> ended{false};
  scene.loop().Run([&] {
    geocoder.Look(kPlace, [&](const Outcome& outcome) {
      EXPECT_TRUE(outcome);
      scene.DestroyAllHere();
      ended = true;
    });
    geocoder.Look(kPlace, outcomes.Next(""));
  });
  ASSERT_TRUE(Until([&] { return ended && outcomes.count() == 1; }));
  ExpectUnavailable(outcomes, 1);
}

TEST(OnlineEndTest, ARefusalMayAskAgainOrEndIt) {
  MapServer server({Answer(500, "")});
  OnlineScene scene;
  OnlineOptions options = OnlineScene::For(server);
  options.breaker_failures = 1;
  auto& geocoder = scene.Make(options);
  Outcomes outcomes;
  std::atomic<int> refused{0};
  const auto refuse = [&](const Outcome& outcome) {
    EXPECT_FALSE(outcome);
    if (++refused == 1) return geocoder.Look(kPlace, outcomes.Next("again"));
    scene.DestroyAllHere();
  };
  scene.loop().Run([&] {
    for (int i = 0; i < 3; ++i) geocoder.Look(kPlace, refuse);
  });
  ASSERT_TRUE(Until([&] { return refused == 3 && outcomes.count() == 1; }));
  ExpectUnavailable(outcomes, 1);
}

TEST(OnlineEndTest, MayEndAfterItsLoop) {
  MapServer server({MapServer::kSilence});
  OnlineScene scene;
  Outcomes outcomes;
  net::Loop loop("short");
  loop.Start();
  std::unique_ptr<outbound::HttpClient> http;
  loop.Run([&] { http = outbound::MakeHttpClient(loop, {}); });
  auto geocoder = std::make_unique<OnlineGeocoder>(loop, *http, scene.limiter(), scene.still,
                                                   OnlineScene::For(server));
  geocoder->Look(kPlace, outcomes.Next(""));
  geocoder->Look(kPlace, outcomes.Next(""));
  ASSERT_TRUE(Until([&] { return server.count() == 1; }));
  loop.Stop();
  geocoder->Look(kPlace, outcomes.Next(""));
  EXPECT_EQ(outcomes.count(), 1u);
  geocoder.reset();
  ExpectUnavailable(outcomes, 3);
  http.reset();
}

}  // namespace
}  // namespace trackwire::geocoding
