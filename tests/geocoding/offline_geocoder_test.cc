#include "geocoding/provider_chain.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/geocoding/small_index.h"
#include "tests/support/temp_dir.h"

namespace trackwire::geocoding {
namespace {

using Outcome = Result<Found, LookupError>;

Outcome Ask(Geocoder& geocoder, double latitude, double longitude) {
  std::optional<Outcome> heard;
  geocoder.Look({latitude, longitude, "de"}, [&](Outcome outcome) { heard = std::move(outcome); });
  EXPECT_TRUE(heard) << "it answers at once";
  return heard ? *heard : Outcome(Err(LookupError{}));
}

TEST(OfflineGeocoderTest, AnswersAtOnceUnderItsName) {
  test::TempDir directory;
  const std::string path = directory.File("index");
  std::ofstream(path, std::ios::binary) << SmallIndex().bytes();
  const auto index = OfflineIndex::Open(path);
  ASSERT_TRUE(index) << index.error().detail;
  OfflineGeocoder geocoder(*index);
  const auto found = Ask(geocoder, 0.1, 0.5);
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->provider, "offline");
  EXPECT_EQ(found->address, (*index)->Look(0.1, 0.5));
  const auto sea = Ask(geocoder, -50, -120);
  ASSERT_FALSE(sea);
  EXPECT_EQ(sea.error().fault, LookupFault::kNotFound);
}

TEST(OfflineGeocoderTest, WithoutAnIndexIsUnavailable) {
  OfflineGeocoder geocoder(nullptr);
  const auto none = Ask(geocoder, 0, 0);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().fault, LookupFault::kUnavailable);
}

}  // namespace
}  // namespace trackwire::geocoding
