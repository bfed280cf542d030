#include "geocoding/address.h"

#include <gtest/gtest.h>

namespace trackwire::geocoding {
namespace {

Address Full() {
  Address address;
  address.display_name = "7, Karlova, Písek, Jihočeský kraj, Czechia";
  address.country_code = "CZ";
  address.country = "Czechia";
  address.state = "Jihočeský kraj";
  address.city = "Písek";
  address.road = "Karlova \"ulice\"\n";
  address.house_number = "7";
  address.postcode = "397 01";
  address.distance_m = 12.5;
  address.bearing = 0;
  return address;
}

TEST(AddressTest, IsReadAsItWasWritten) {
  const auto read = ParseAddress(AddressJson(Full()));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, Full());
}

TEST(AddressTest, LeavesOutWhatIsEmpty) {
  EXPECT_EQ(AddressJson(Address{}), "{}");
  Address address;
  address.country_code = "AQ";
  address.distance_m = 100;
  EXPECT_EQ(AddressJson(address), R"({"country_code":"AQ","distance_m":100})");
}

TEST(AddressTest, LeavesOutNumbersThatAreNone) {
  Address address;
  address.bearing = std::numeric_limits<double>::quiet_NaN();
  address.distance_m = std::numeric_limits<double>::infinity();
  EXPECT_EQ(AddressJson(address), "{}");
}

TEST(AddressTest, PassesOverWhatItDoesNotKnow) {
  const auto read = ParseAddress(R"({"suburb":["x"],"city":"Písek","bearing":1e2})");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->city, "Písek");
  EXPECT_EQ(read->bearing, 100);
  EXPECT_FALSE(read->distance_m);
}

TEST(AddressTest, RefusesWhatIsNoAddress) {
  for (const char* text : {"", "[]", "null", "{", R"({"city":1})", R"({"city":null})",
                           R"({"distance_m":"5"})", R"({"bearing":1e999})", "{} {}"}) {
    const auto read = ParseAddress(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().code, "bad_address");
  }
}

}  // namespace
}  // namespace trackwire::geocoding
