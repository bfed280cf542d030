#include "geocoding/place_key.h"

#include <gtest/gtest.h>

#include <cmath>

namespace trackwire::geocoding {
namespace {

std::string Key(double latitude, double longitude, int decimals = 4) {
  return PlaceKey({latitude, longitude, "en"}, decimals, "chain", "building");
}

TEST(PlaceKeyTest, NamesChainLanguageDetailAndCell) {
  EXPECT_EQ(PlaceKey({50.08754, -14.42126, "pt-BR"}, 3, "nominatim,photon:office", "street"),
            "geo:nominatim,photon:office:pt-br:street:50.088,-14.421");
  EXPECT_EQ(PlaceKey({50.5, 14.4, "de"}, 0, "c", "city"), "geo:c:de:city:51,14");
}

TEST(PlaceKeyTest, PointsThatRoundAlikeShareACell) {
  EXPECT_EQ(Key(50.08746, 14.42134), Key(50.08754, 14.42126));
  EXPECT_NE(Key(50.08746, 14.42134), Key(50.08756, 14.42126));
}

TEST(PlaceKeyTest, ThereIsNoNegativeZero) {
  EXPECT_EQ(Key(-0.00004, -0.0), Key(0.00004, 0.0));
  EXPECT_EQ(Key(0, 0), "geo:chain:en:building:0.0000,0.0000");
  const Place centre = CellCentre({-0.0, -0.00001, "en"}, 4);
  EXPECT_FALSE(std::signbit(centre.latitude));
  EXPECT_FALSE(std::signbit(centre.longitude));
}

TEST(PlaceKeyTest, TheDateLineIsOneMeridian) {
  EXPECT_EQ(Key(10, -180), Key(10, 180));
  EXPECT_EQ(Key(10, -179.99996), Key(10, 179.99996));
  EXPECT_EQ(CellCentre({10, -179.99999, "en"}, 4).longitude, 180);
}

TEST(PlaceKeyTest, APoleHasOneLongitude) {
  EXPECT_EQ(Key(90, 14), Key(89.99996, -170));
  EXPECT_EQ(Key(-90, 14), Key(-90, 0));
  EXPECT_NE(Key(90, 0), Key(-90, 0));
  EXPECT_NE(Key(89.9998, 14), Key(89.9998, -170));
}

TEST(PlaceKeyTest, TheCentreIsInItsOwnCell) {
  for (int decimals = 0; decimals <= 6; ++decimals) {
    for (const double degrees : {-89.123456789, -0.5, 0.05, 1.005, 33.33333333, 89.5}) {
      const Place place{degrees, 2 * degrees, "en"};
      const Place centre = CellCentre(place, decimals);
      EXPECT_EQ(PlaceKey(centre, decimals, "c", "d"), PlaceKey(place, decimals, "c", "d"));
      EXPECT_LE(std::abs(centre.latitude - place.latitude), 0.5001 * std::pow(10, -decimals));
    }
  }
}

}  // namespace
}  // namespace trackwire::geocoding
