#include "geocoding/place_answer.h"

#include <gtest/gtest.h>

#include "geocoding/asked_batch.h"
#include "geocoding/great_circle.h"

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

const WallTime kThen{1'700'000'000'000ms};

PlaceAnswer Street() {
  Found found;
  found.address.display_name = "Nábřeží 1, \"Písek\"";
  found.address.road = "Nábřeží";
  found.address.distance_m = 12.5;
  found.address.bearing = 90;
  found.provider = "photon:office";
  return {std::move(found), kThen};
}

TEST(PlaceAnswerTest, ReadsWhatItWrote) {
  const auto read = ParsePlaceAnswer(ToJson(Street()));
  ASSERT_TRUE(read && read->found);
  EXPECT_EQ(read->found->address, Street().found->address);
  EXPECT_EQ(read->found->provider, "photon:office");
  EXPECT_EQ(read->made_at, kThen);
  const auto nothing = ParsePlaceAnswer(ToJson(PlaceAnswer{std::nullopt, kThen}));
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->found);
  EXPECT_FALSE(nothing->incomplete);
  const auto incomplete = ParsePlaceAnswer(ToJson(PlaceAnswer{std::nullopt, kThen, true}));
  ASSERT_TRUE(incomplete);
  EXPECT_TRUE(incomplete->incomplete);
}

TEST(PlaceAnswerTest, EveryCutAnswerIsNone) {
  const std::string text = ToJson(Street());
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParsePlaceAnswer(text.substr(0, size))) << size;
  }
  for (const char* other : {"null", "[]", "{}", R"({"made_at":"1"})",
                            R"({"made_at":1,"address":{"distance_m":"x"}})"}) {
    EXPECT_FALSE(ParsePlaceAnswer(other)) << other;
  }
}

TEST(PlaceAnswerTest, EndsReadBack) {
  PlaceEnd fault{"key", "task", std::nullopt, LookupFault::kRateLimited, 1500ms};
  const auto read = ParsePlaceEnd(ToJson(fault));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->key, "key");
  EXPECT_EQ(read->task, "task");
  EXPECT_EQ(read->fault, LookupFault::kRateLimited);
  EXPECT_EQ(read->retry_after, 1500ms);
  fault.answer = Street();
  const auto answer = ParsePlaceEnd(ToJson(fault));
  ASSERT_TRUE(answer && answer->answer && answer->answer->found);
  EXPECT_EQ(answer->answer->found->address, Street().found->address);
  for (const char* other :
       {"", "{}", R"({"key":"k","task":"t"})", R"({"key":"k","task":"t","fault":"weather"})",
        R"({"key":"k","task":"t","answer":{}})"}) {
    EXPECT_FALSE(ParsePlaceEnd(other)) << other;
  }
}

TEST(PlaceAnswerTest, GrowsOld) {
  GeocodingDesk::Options options;
  options.ttl = 10s;
  options.stale_for = 5s;
  options.negative_ttl = 3s;
  const auto age = [&](const PlaceAnswer& answer, std::chrono::milliseconds after) {
    return AgeOf(answer, options, kThen + after);
  };
  EXPECT_EQ(age(Street(), 0ms), AnswerAge::kFresh);
  EXPECT_EQ(age(Street(), -1h), AnswerAge::kFresh);
  EXPECT_EQ(age(Street(), 9'999ms), AnswerAge::kFresh);
  EXPECT_EQ(age(Street(), 10s), AnswerAge::kStale);
  EXPECT_EQ(age(Street(), 15s), AnswerAge::kOver);
  const PlaceAnswer nothing{std::nullopt, kThen};
  EXPECT_EQ(age(nothing, 2'999ms), AnswerAge::kFresh);
  EXPECT_EQ(age(nothing, 3s), AnswerAge::kOver);
  EXPECT_EQ(LifeOf(Street(), options), 15s);
  EXPECT_EQ(LifeOf(nothing, options), 3s);
}

TEST(PlaceAnswerTest, BelievesTheIndexForAMomentOnly) {
  PlaceAnswer instead = Street();
  instead.found->provider = "offline";
  GeocodingDesk::Options options;
  EXPECT_EQ(AgeOf(instead, options, kThen + 9min), AnswerAge::kFresh);
  EXPECT_EQ(AgeOf(instead, options, kThen + 10min), AnswerAge::kOver);
  EXPECT_EQ(LifeOf(instead, options), 10min);
  options.ttl = 1min;
  EXPECT_EQ(LifeOf(instead, options), 1min);
}

TEST(PlaceAnswerTest, BelievesForAMomentOnlyThatNothingIsThereWhenSomebodyFailed) {
  const PlaceAnswer nothing{std::nullopt, kThen, true};
  GeocodingDesk::Options options;
  EXPECT_EQ(AgeOf(nothing, options, kThen + 9min), AnswerAge::kFresh);
  EXPECT_EQ(AgeOf(nothing, options, kThen + 10min), AnswerAge::kOver);
  EXPECT_EQ(LifeOf(nothing, options), 10min);
  options.negative_ttl = 1min;
  EXPECT_EQ(LifeOf(nothing, options), 1min);
}

TEST(PlaceAnswerTest, TheDistanceIsToTheAskersOwnPoint) {
  struct Case {
    double latitude, longitude;  // of the centre
    double north, east;          // degrees from there to the object
  };
  for (const Case& at :
       {Case{50.0875, 14.4213, 0.0003, -0.0007}, Case{-33.9, 179.9999, 0.001, 0.002},
        Case{70, -20, -0.05, 0.1}, Case{0, 0, 0, 0.0001}}) {
    const double latitude = at.latitude + at.north;
    const double longitude = at.longitude + at.east;
    Found found;
    const GreatCircle way = GreatCircleOf(latitude, longitude, at.latitude, at.longitude);
    found.address.distance_m = way.distance_m;
    found.address.bearing = way.bearing;
    const Place centre{at.latitude, at.longitude, "en"};
    const Place asker{at.latitude + 0.00004, at.longitude - 0.00003, "en"};
    const GreatCircle own = GreatCircleOf(latitude, longitude, asker.latitude, asker.longitude);
    const Address told = FoundFor(found, centre, asker).address;
    EXPECT_NEAR(*told.distance_m, own.distance_m, 0.55);
    EXPECT_NEAR(*told.bearing, own.bearing, 0.6);
    EXPECT_EQ(FoundFor(found, centre, centre).address, found.address);
  }
  Found without;
  without.address.distance_m = 3;
  EXPECT_EQ(FoundFor(without, {1, 1, ""}, {1.00001, 1, ""}).address, without.address);
}

TEST(AskedBatchTest, ReadsWhatItWrote) {
  AskedBatch batch{"id", "desk", kThen, {}};
  for (const char* id : {"one", "two \" \\ \u010d"}) {
    batch.askers.push_back({{id, {-0.125, 179.99999, ""}, "socket"}, "geo:key", "task"});
  }
  const auto read = ParseAskedBatch(ToJson(batch));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->id, "id");
  EXPECT_EQ(read->origin, "desk");
  EXPECT_EQ(read->deadline, kThen);
  ASSERT_EQ(read->askers.size(), 2u);
  EXPECT_EQ(read->askers[1].request.request_id, "two \" \\ \u010d");
  EXPECT_EQ(read->askers[1].request.place.longitude, 179.99999);
  EXPECT_EQ(read->askers[1].request.socket_id, "socket");
  EXPECT_EQ(read->askers[1].key, "geo:key");
  EXPECT_EQ(read->askers[1].task, "task");
  EXPECT_NE(batch.LogKey(0), batch.LogKey(1));
  const std::string text = ToJson(batch);
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseAskedBatch(text.substr(0, size))) << size;
  }
}

}  // namespace
}  // namespace trackwire::geocoding
