#include "cli/geocode_score.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace trackwire::cli {
namespace {

Result<std::vector<KnownPoint>> Read(const std::string& text) {
  std::istringstream in(text);
  return ReadKnownPoints(in);
}

TEST(GeocodeScoreTest, ReadsColumnsByTheirNames) {
  const auto points = Read(
      "category,lon,lat,country_code,country_code_also_ok,locality,locality_lat,locality_lon,"
      "admin1\n"
      "place,14.42,50.08,CZ,DE AT,\"Prague, the capital\",50.07,14.43,Prague\n"
      "ocean,-30,10,,,,,,\n");
  ASSERT_TRUE(points);
  ASSERT_EQ(points->size(), 2u);
  const KnownPoint& prague = points->front();
  EXPECT_EQ(prague.latitude, 50.08);
  EXPECT_EQ(prague.longitude, 14.42);
  EXPECT_EQ(prague.also_good, (std::vector<std::string>{"DE", "AT"}));
  EXPECT_EQ(prague.place, "Prague, the capital");
  EXPECT_TRUE(prague.place_is_located);
  EXPECT_EQ(points->back().country_code, "");
  EXPECT_FALSE(points->back().place_is_located);
}

TEST(GeocodeScoreTest, NamesTheLineWithoutAPoint) {
  const auto points = Read("lat,lon\n50,14\nnorth,14\n");
  ASSERT_FALSE(points);
  EXPECT_EQ(points.error().code, "bad_points");
  EXPECT_EQ(points.error().detail, "line 3 has no point");
  EXPECT_FALSE(Read(""));
  EXPECT_FALSE(Read("lat,lon\n"));
  EXPECT_FALSE(Read("a,b\n1,2\n"));
}

TEST(GeocodeScoreTest, ComparesNamesLeniently) {
  EXPECT_TRUE(SameName("Savannakhét", "Savannakhet"));
  EXPECT_TRUE(SameName("Savannakhet", "Savannakhet Province"));
  EXPECT_TRUE(SameName("NEW YORK", "New York City"));
  EXPECT_TRUE(SameName("東京", "東京"));
  EXPECT_FALSE(SameName("東京", "大阪"));
  EXPECT_FALSE(SameName("Vienna", "Bratislava"));
  EXPECT_FALSE(SameName("", "Vienna"));
}

/// The set in tests/data, by an index that was made without the places in it.
class GeocodingAccuracyTest : public testing::Test {
 protected:
  static Scorer ScoreAll(const geocoding::OfflineIndex& index) {
    std::ifstream in(TRACKWIRE_SOURCE_DIR "/tests/data/geocoding-points.csv", std::ios::binary);
    const auto points = ReadKnownPoints(in);
    EXPECT_TRUE(points);
    Scorer scorer(index);
    for (const KnownPoint& point : *points) scorer.Count(point);
    return scorer;
  }
};

TEST_F(GeocodingAccuracyTest, MeetsItsGoals) {
  const auto index =
      geocoding::OfflineIndex::Open(TRACKWIRE_BINARY_DIR "/../geodata/geocoding-measured.bin");
  ASSERT_TRUE(index) << "script/setup --tests makes it: " << index.error().detail;
  const Scorer scorer = ScoreAll(**index);
  EXPECT_GT(scorer.total().country.of, 4'000u);
  EXPECT_GE(scorer.land().country.percent(), 99.5);
  EXPECT_GE(scorer.total().country.percent(), 99.0);
  EXPECT_GE(scorer.total().state.percent(), 90.0);
  EXPECT_GE(scorer.total().place.percent(), 90.0);
  for (const char* sea : {"ocean", "offshore"}) {
    EXPECT_GE(scorer.categories().at(sea).country.percent(), 99.0) << sea;
  }
  EXPECT_EQ(scorer.categories().at("capital").country.percent(), 100.0);
}

TEST_F(GeocodingAccuracyTest, CountsMistakes) {
  const auto index = geocoding::OfflineIndex::Open(TRACKWIRE_BINARY_DIR "/geocoding.bin");
  ASSERT_TRUE(index) << "script/setup makes it: " << index.error().detail;
  Scorer scorer(**index);
  KnownPoint point;
  point.latitude = 50.08;
  point.longitude = 14.42;
  point.country_code = "DE";
  point.state = "Bavaria";
  point.place = "Prague";
  point.category = "place";
  scorer.Count(point);
  EXPECT_EQ(scorer.total().country.right, 0u);
  EXPECT_EQ(scorer.total().state.right, 0u);
  EXPECT_EQ(scorer.total().place.right, 1u);
  ASSERT_EQ(scorer.mistakes().size(), 2u);
  EXPECT_EQ(scorer.mistakes().front(), "place 50.08,14.42 country: DE expected, CZ found");
  point.also_good = {"CZ"};
  scorer.Count(point);
  EXPECT_EQ(scorer.land().country.right, 1u);
}

}  // namespace
}  // namespace trackwire::cli
