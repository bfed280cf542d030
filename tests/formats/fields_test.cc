#include "formats/fields.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/text.h"

namespace trackwire::formats {
namespace {

TEST(UnitsTest, AreExact) {
  EXPECT_DOUBLE_EQ(MetresPerSecond(1, SpeedUnit::kKnots), 1852.0 / 3600);
  EXPECT_DOUBLE_EQ(MetresPerSecond(36, SpeedUnit::kKilometresPerHour), 10);
  EXPECT_DOUBLE_EQ(MetresPerSecond(100, SpeedUnit::kMilesPerHour), 44.704);
  EXPECT_DOUBLE_EQ(MetresPerSecond(3, SpeedUnit::kMetresPerSecond), 3);
  EXPECT_DOUBLE_EQ(kFootM * 1000, 304.8);
}

TEST(FieldsTest, ReadsTimesOfEveryFormat) {
  const auto text = [](const char* said, TimeFormat format) {
    const auto time = ParseFileTime(said, format);
    return time ? base::FormatTime(*time) : "-";
  };
  const std::string noon = "2026-02-23T12:00:00.000Z";
  EXPECT_EQ(text(" 2026-02-23 12:00:00 ", TimeFormat::kIso), noon);
  EXPECT_EQ(text("2026-02-23T13:00:00+01:00", TimeFormat::kAny), noon);
  EXPECT_EQ(text("1771848000", TimeFormat::kEpochSeconds), noon);
  EXPECT_EQ(text("1771848000", TimeFormat::kAny), noon);
  EXPECT_EQ(text("1771848000000", TimeFormat::kEpochMillis), noon);
  EXPECT_EQ(text("1771848000000", TimeFormat::kAny), noon);
  EXPECT_EQ(text("1771848000.25", TimeFormat::kAny), "2026-02-23T12:00:00.250Z");
  for (const char* none : {"", "noon", "0", "-1", "1e300", "nan", "1970-01-01T00:00:00Z",
                           "2026-02-30T12:00:00Z", "2026-02-23"}) {
    EXPECT_EQ(text(none, TimeFormat::kAny), "-") << none;
  }
  EXPECT_EQ(text("1771848000", TimeFormat::kIso), "-");
  EXPECT_EQ(text("2026-02-23T12:00:00Z", TimeFormat::kEpochSeconds), "-");
}

TEST(FieldsTest, TakesValuesThatCanBe) {
  EXPECT_EQ(Angle(360), 0);
  EXPECT_EQ(Angle(359.99), 359.99);
  EXPECT_FALSE(Angle(-0.1) || Angle(360.1) || Angle(std::nullopt));
  EXPECT_FALSE(Speed(-1) || Accuracy(-1) || Altitude(-30'000) || Battery(101));
  EXPECT_EQ(Speed(0), 0);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(Speed(nan) || Angle(nan));
  EXPECT_FALSE(IsPlace(nan, 0));
  EXPECT_FALSE(IsPlace(0, 180.1));
  EXPECT_TRUE(IsPlace(-90, 180));
  EXPECT_FALSE(ParseNumber("1.5m") || ParseNumber("inf") || ParseNumber("") || ParseNumber("0x1"));
  EXPECT_EQ(ParseNumber(" -1.5e1 "), -15);
  EXPECT_EQ(ParseTruth("TRUE"), true);
  EXPECT_EQ(ParseTruth("0"), false);
  EXPECT_FALSE(ParseTruth("yes"));
}

TEST(FieldsTest, KeepsTextsAndObjectsThatAreFit) {
  EXPECT_EQ(ShortText("  a b "), "a b");
  EXPECT_EQ(ShortText(std::string(129, 'x')), "");
  EXPECT_EQ(ShortText("a\x01"), "");
  EXPECT_EQ(ShortText("\xff"), "");
  EXPECT_EQ(FlatObject(R"( {"a":1} )"), R"({"a":1})");
  for (const char* none : {"", "[]", "{", R"({"a":{}})", R"({"a":[1]})", "1"}) {
    EXPECT_EQ(FlatObject(none), "") << none;
  }
}

}  // namespace
}  // namespace trackwire::formats
