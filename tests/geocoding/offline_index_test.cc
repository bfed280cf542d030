#include "geocoding/offline_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "geocoding/great_circle.h"
#include "geocoding/place_finder.h"
#include "tests/geocoding/index_fixture.h"

namespace trackwire::geocoding {
namespace {

struct Expected {
  double latitude;
  double longitude;
  const char* country;  ///< empty: sea
};

std::string CountryAt(double latitude, double longitude) {
  const auto found = Index().Find(latitude, longitude);
  return found ? std::string(found->country_code) : "";
}

void ExpectAll(std::initializer_list<Expected> points) {
  for (const Expected& point : points) {
    EXPECT_EQ(CountryAt(point.latitude, point.longitude), point.country)
        << point.latitude << ", " << point.longitude;
  }
}

TEST(OfflineIndexTest, KnowsTheSmallestStates) {
  ExpectAll({
      {41.9029, 12.4534, "VA"},    {43.7384, 7.4246, "MC"},     {43.9356, 12.4473, "SM"},
      {47.141, 9.5209, "LI"},      {42.5063, 1.5218, "AD"},     {35.8989, 14.5146, "MT"},
      {1.2966, 103.8522, "SG"},    {26.2285, 50.586, "BH"},     {4.1755, 73.5093, "MV"},
      {-0.5228, 166.931, "NR"},    {-8.5211, 179.1962, "TV"},   {7.1164, 171.1858, "MH"},
      {7.3419, 134.479, "PW"},     {17.3026, -62.7177, "KN"},   {12.0561, -61.7488, "GD"},
      {13.1939, -59.5432, "BB"},   {17.1274, -61.8468, "AG"},   {14.0101, -60.9875, "LC"},
      {15.3092, -61.3794, "DM"},   {13.1600, -61.2248, "VC"},   {-4.6191, 55.4513, "SC"},
      {0.3365, 6.7273, "ST"},      {-21.1394, -175.2049, "TO"}, {6.9248, 158.161, "FM"},
      {-13.8333, -171.7667, "WS"}, {-20.1609, 57.5012, "MU"},   {-11.7022, 43.2551, "KM"},
  });
}

TEST(OfflineIndexTest, KnowsEnclavesAndWhatSurroundsThem) {
  ExpectAll({
      {41.9022, 12.4593, "IT"},  // a step outside of the Vatican
      {43.92, 12.45, "SM"},
      {43.86, 12.50, "IT"},
      {-29.3142, 27.4833, "LS"},
      {-29.10, 26.20, "ZA"},
      {-26.3054, 31.1367, "SZ"},
      {45.9688, 8.9706, "IT"},
      {47.6969, 8.6894, "DE"},
      {42.4645, 1.9805, "ES"},
      {-5.55, 12.20, "AO"},
      {35.8894, -5.3213, "ES"},
      {36.1408, -5.3536, "GI"},
      {54.7104, 20.4522, "RU"},
      {4.8903, 114.9422, "BN"},
      {-9.2, 124.37, "TL"},
      {39.2089, 45.4122, "AZ"},
  });
}

TEST(OfflineIndexTest, GivesOverseasAreasTheirOwnCodes) {
  ExpectAll({
      {22.3193, 114.1694, "HK"},   {22.1987, 113.5439, "MO"},  {18.4655, -66.1057, "PR"},
      {16.2411, -61.534, "GP"},    {4.9224, -52.3135, "GF"},   {-21.1151, 55.5364, "RE"},
      {14.6161, -61.0588, "MQ"},   {-12.7806, 45.2279, "YT"},  {-22.2758, 166.458, "NC"},
      {-17.5516, -149.5585, "PF"}, {64.1814, -51.6941, "GL"},  {62.0107, -6.7741, "FO"},
      {13.4443, 144.7937, "GU"},   {12.5211, -69.9683, "AW"},  {12.1696, -68.99, "CW"},
      {32.2949, -64.7814, "BM"},   {-51.6977, -57.8517, "FK"}, {49.1805, -2.1032, "JE"},
      {54.1523, -4.4861, "IM"},    {78.2232, 15.6267, "SJ"},   {60.0973, 19.9348, "AX"},
      {28.1235, -15.4363, "ES"},   {32.6669, -16.9241, "PT"},  {21.3069, -157.8583, "US"},
      {25.033, 121.5654, "TW"},    {42.6629, 21.1655, "XK"},
  });
}

TEST(OfflineIndexTest, IsRightOnBothSidesOfTheAntimeridian) {
  ExpectAll({
      {71.2, 180, "RU"},
      {71.2, -180, "RU"},
      {71.2, -179.5, "RU"},
      {71.0, 179.0, "RU"},
      {66.16, -169.8, "RU"},
      {65.6, -168.05, "US"},
      {64.7337, 177.4968, "RU"},
      {67.5, -175, "RU"},
      {67, 100, "RU"},
      {68, 30, "RU"},
      {66, -150, "US"},
      {68, 25, "FI"},
      {66, -20, "IS"},
      {67, -50, "GL"},
      {69, -105, "CA"},
      {-16.99, 179.9, "FJ"},
      {-16.78, -179.99, "FJ"},
      {-16.85, -179.95, "FJ"},
      {-18.1248, 178.4501, "FJ"},
      {1.4518, 173.0388, "KI"},
      {1.872, -157.4278, "KI"},
      {-2.82, -171.68, "KI"},
      {51.8801, -176.6461, "US"},
      {52.92, 172.9, "US"},
      {-43.9535, -176.5597, "NZ"},
      {-13.2825, -176.1736, "WF"},
      {70, -179.9999, ""},
      {0, 180, ""},
      {0, -180, ""},
  });
}

TEST(OfflineIndexTest, HasThePoles) {
  ExpectAll({{-90, 0, "AQ"},
             {-90, 180, "AQ"},
             {-90, -180, "AQ"},
             {-89.9, -45, "AQ"},
             {-77.85, 166.67, "AQ"},
             {-75, 0, "AQ"},
             {-80, 179.99, "AQ"},
             {90, 0, ""},
             {90, 180, ""},
             {89, -100, ""},
             {-61, 0, ""}});
  const auto ice = Index().Look(-82, 60);
  ASSERT_TRUE(ice);
  EXPECT_EQ(ice->display_name, "Antarctica");
  EXPECT_EQ(ice->city, "");
  EXPECT_FALSE(ice->distance_m);
}

TEST(OfflineIndexTest, SaysNothingAtOpenSea) {
  ExpectAll({{10, -30, ""},
             {0, 0, ""},
             {-40, 80, ""},
             {43.07, 31.32, ""},
             {72.5, -10.07, ""},
             {55.5, 3, ""},
             {42, 50.7, ""},
             {58.5, 20, ""},
             {25, -90, ""},
             {19, 65, ""}});
  EXPECT_FALSE(Index().Look(10, -30));
}

TEST(OfflineIndexTest, GivesHarboursAndPiersToTheCoast) {
  ExpectAll({
      {51.97, 4.01, "NL"},       // Maasvlakte
      {34.4347, 135.244, "JP"},  // an airport on an island of its own
      {22.308, 113.918, "HK"},
      {34.009, -118.498, "US"},
      {43.35, 5.32, "FR"},
      {59.35, 28.05, "EE"},
      {-33.86, 151.2, "AU"},
      {41.0, 28.97, "TR"},
      {25.112, 55.139, "AE"},
  });
}

TEST(OfflineIndexTest, KnowsIslandsThatMapsLeaveOut) {
  ExpectAll({{24.144, 120.68, "TW"},
             {20.70, 116.72, "TW"},
             {12.25, 170.1, "MH"},
             {10.02, 139.79, "FM"},
             {25.14, 52.87, "AE"},
             {-9.92, 144.06, "AU"},
             {-15.12, -148.23, "PF"},
             {-5.70, 53.66, "SC"},
             {-34.15, 172.14, "NZ"},
             {35.87, 12.87, "IT"},
             {-10.11, 51.18, "SC"},
             {24.99, 119.45, "TW"}});
}

TEST(OfflineIndexTest, SeparatesNeighboursAtTheBorder) {
  ExpectAll({
      {47.5596, 7.5886, "CH"},    {47.6, 7.62, "DE"},        {47.59, 7.555, "FR"},
      {52.3472, 14.5506, "DE"},   {52.3489, 14.575, "PL"},   {31.7619, -106.485, "US"},
      {31.6904, -106.4245, "MX"}, {-4.3217, 15.3125, "CD"},  {-4.2634, 15.2429, "CG"},
      {42.3314, -83.0458, "US"},  {42.3, -83.02, "CA"},      {50.7753, 6.0839, "DE"},
      {50.767, 6.00, "NL"},       {17.9757, 102.6331, "LA"}, {17.8783, 102.742, "TH"},
      {-25.516, -54.585, "BR"},   {-25.509, -54.611, "PY"},  {-25.597, -54.573, "AR"},
      {36.0, -5.6, "ES"},         {48.1486, 17.1077, "SK"},  {48.14, 16.95, "AT"},
  });
}

TEST(OfflineIndexTest, TakesDisputedLandAsPlacesThereAreListed) {
  ExpectAll({{44.9521, 34.1024, "UA"},
             {35.33, 33.32, "CY"},
             {27.15, -13.2, "EH"},
             {28.5, -11, "MA"},
             {31.9, 35.2, "PS"},
             {9.56, 44.06, "SO"}});
  const auto nobodys = Index().Find(21.87, 33.75);
  ASSERT_TRUE(nobodys);
  EXPECT_EQ(nobodys->country_code, "");
  EXPECT_EQ(nobodys->country, "Bir Tawil");
}

TEST(OfflineIndexTest, RefusesWhatIsNoPoint) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -infinity, 90.0001, -90.0001, 1e300}) {
    EXPECT_FALSE(Index().Find(bad, 14));
  }
  for (const double bad : {nan, infinity, -infinity, 180.0001, -180.0001, 1e300}) {
    EXPECT_FALSE(Index().Find(50, bad));
  }
}

TEST(OfflineIndexTest, NamesTheCityAndNotItsParts) {
  const struct {
    double latitude;
    double longitude;
    const char* city;
  } points[] = {
      {50.0755, 14.4378, "Prague"},   {48.8738, 2.295, "Paris"},
      {51.5007, -0.1246, "London"},   {43.7425, -79.4656, "Toronto"},
      {39.9169, 116.3907, "Beijing"}, {52.5163, 13.3777, "Berlin"},
      {35.6586, 139.7454, "Tokyo"},   {-22.9519, -43.2105, "Rio de Janeiro"},
      {49.3088, 14.1475, "Písek"},
  };
  for (const auto& point : points) {
    const auto found = Index().Find(point.latitude, point.longitude);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->name, point.city);
    EXPECT_TRUE(found->inside);
  }
}

TEST(OfflineIndexTest, NamesNoPlaceOfAnotherCountry) {
  // Next to Geneva and to Basel, in France.
  for (const auto& [latitude, longitude] : {std::pair{46.256, 6.109}, std::pair{47.583, 7.566}}) {
    const auto found = Index().Find(latitude, longitude);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->country_code, "FR");
    EXPECT_NE(found->name, "Genève");
    EXPECT_NE(found->name, "Geneva");
    EXPECT_NE(found->name, "Basel");
  }
}

TEST(OfflineIndexTest, TellsDistanceAndBearing) {
  const auto address = Index().Look(49.335, 14.19);
  ASSERT_TRUE(address);
  EXPECT_EQ(address->display_name, "4 km NE of Písek, South Bohemian Region, Czechia");
  EXPECT_EQ(address->country_code, "CZ");
  EXPECT_EQ(address->city, "Písek");
  ASSERT_TRUE(address->distance_m && address->bearing);
  EXPECT_NEAR(*address->distance_m, 4'100, 400);
  EXPECT_NEAR(*address->bearing, 42, 8);
  EXPECT_EQ(*address->distance_m, std::round(*address->distance_m));
}

TEST(OfflineIndexTest, SaysTheNameOnceInACityState) {
  const auto monaco = Index().Look(43.7384, 7.4246);
  ASSERT_TRUE(monaco);
  EXPECT_EQ(monaco->display_name.find("Monaco"), monaco->display_name.rfind("Monaco"));
}

TEST(OfflineIndexTest, MeasuresBearingsOnTheSphere) {
  const auto bearing = [](double lat, double lon, double to_lat, double to_lon) {
    return BearingOf(ToSphere(lat, lon), ToSphere(to_lat, to_lon));
  };
  EXPECT_NEAR(bearing(0, 179, 0, -179), 90, 1e-6);
  EXPECT_NEAR(bearing(0, -179, 0, 179), 270, 1e-6);
  EXPECT_NEAR(bearing(10, 20, 11, 20), 0, 1e-6);
  EXPECT_NEAR(bearing(10, 20, 9, 20), 180, 1e-6);
  EXPECT_NEAR(DistanceM(ToSphere(0, 0), ToSphere(0, 1)), 111'195, 1);
  EXPECT_NEAR(DistanceM(ToSphere(0, 0), ToSphere(0, 180)), kEarthRadiusM * M_PI, 1);
}

TEST(OfflineIndexTest, CarriesWhatLicencesAskFor) {
  const auto all = Index().attributions();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_THAT(all[0].text, testing::HasSubstr("GeoNames"));
  EXPECT_EQ(all[0].licence, "CC BY 4.0");
  for (const Attribution& one : all) EXPECT_THAT(one.url, testing::StartsWith("https://"));
}

TEST(OfflineIndexTest, IsSmall) { EXPECT_LT(Index().bytes(), 30'000'000u); }

}  // namespace
}  // namespace trackwire::geocoding
