#include "geocoding/online_answer.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "geocoding/detail.h"
#include "geocoding/great_circle.h"

namespace trackwire::geocoding {
namespace {

TEST(OnlineAnswerTest, CleansTexts) {
  EXPECT_EQ(CleanText("  two \t\r\n words  ", 100), "two words");
  EXPECT_EQ(CleanText(std::string("a\0b\x7f" "c", 5), 100), "a b c");
  EXPECT_EQ(CleanText("\xC2\x85" "a\xC2\x9F\xC2\xA0", 100), "a \xC2\xA0");
  EXPECT_EQ(CleanText("\xEF\xBB\xBF" "a\xE2\x80\xAE" "b\xE2\x81\xA9", 100), "a b");
  EXPECT_EQ(CleanText("\xE2\x80\x93", 100), "\xE2\x80\x93");
  EXPECT_EQ(CleanText("", 100), "");
  EXPECT_EQ(CleanText("\n", 100), "");
}

TEST(OnlineAnswerTest, CutsTextsAtACharacter) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 z";
  for (size_t most = 0; most <= text.size(); ++most) {
    const std::string cut = CleanText(text, most);
    EXPECT_LE(cut.size(), most);
    EXPECT_TRUE(base::IsUtf8(cut));
    EXPECT_TRUE(text.starts_with(cut));
  }
  EXPECT_EQ(CleanText(text, 4), "a\xC3\xA9");
}

TEST(OnlineAnswerTest, SaysEachPartOnce) {
  Address address;
  EXPECT_EQ(DisplayName(address, ""), "");
  address.house_number = "12";
  EXPECT_EQ(DisplayName(address, ""), "12");
  address.road = "Main Street";
  address.postcode = "90210";
  EXPECT_EQ(DisplayName(address, "Hall"), "Hall, 12 Main Street, 90210");
  address.city = "Town";
  address.state = "Town";
  address.country = "Country";
  EXPECT_EQ(DisplayName(address, "Main Street"), "12 Main Street, 90210 Town, Country");
  EXPECT_EQ(DisplayName(address, ""), "12 Main Street, 90210 Town, Country");
}

TEST(OnlineAnswerTest, WritesCoordinatesWithoutLocaleAndExponent) {
  EXPECT_EQ(CoordinateText(0.00000004), "0.0000000");
  EXPECT_EQ(CoordinateText(-0.0), "0.0000000");
  EXPECT_EQ(CoordinateText(-179.99999999), "-180.0000000");
  EXPECT_EQ(CoordinateText(12.3456789), "12.3456789");
}

TEST(OnlineAnswerTest, ExtendsUrls) {
  EXPECT_EQ(ExtendUrl("http://h", "/reverse", "a=1"), "http://h/reverse?a=1");
  EXPECT_EQ(ExtendUrl("http://h/x//", "/reverse", "a=1"), "http://h/x/reverse?a=1");
  EXPECT_EQ(ExtendUrl("http://h/?", "/reverse", "a=1"), "http://h/reverse?a=1");
  EXPECT_EQ(ExtendUrl("http://h?k=v&", "/reverse", "a=1"), "http://h/reverse?k=v&a=1");
  EXPECT_EQ(ExtendUrl("http://h/x?k=/v/", "/reverse", "a=1"), "http://h/x/reverse?k=/v/&a=1");
}

TEST(OnlineAnswerTest, MeasuresAlongTheGreatCircle) {
  const GreatCircle degree = GreatCircleOf(0, 0, 0, 1);
  EXPECT_NEAR(degree.distance_m, 111'195, 1);
  EXPECT_NEAR(degree.bearing, 90, 1e-9);
  const GreatCircle across = GreatCircleOf(10, -179.5, 10, 179.5);
  EXPECT_NEAR(across.distance_m, GreatCircleOf(10, 0.5, 10, -0.5).distance_m, 1e-6);
  EXPECT_NEAR(across.bearing, 270.09, 0.01);
  EXPECT_EQ(GreatCircleOf(12, 34, 12, 34).distance_m, 0);
  EXPECT_NEAR(GreatCircleOf(0, 0, 0, 180).distance_m, 20'015'115, 1);
  EXPECT_NEAR(GreatCircleOf(90, 0, -90, 77).distance_m, 20'015'115, 1);
  EXPECT_NEAR(GreatCircleOf(1, 1, 0, 1).bearing, 180, 1e-9);
}

TEST(OnlineAnswerTest, KnowsTheWordsForDetail) {
  EXPECT_EQ(DetailOf("building"), Detail::kBuilding);
  EXPECT_EQ(DetailOf("street"), Detail::kStreet);
  EXPECT_EQ(DetailOf("city"), Detail::kCity);
  EXPECT_EQ(DetailOf("City"), std::nullopt);
}

}  // namespace
}  // namespace trackwire::geocoding
