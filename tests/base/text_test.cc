#include "base/text.h"

#include <gtest/gtest.h>

namespace trackwire::base {
namespace {

TEST(Utf8Test, AcceptsWhatRfc3629Allows) {
  for (const char* text : {"", "abc", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_TRUE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, RefusesTheRest) {
  for (const char* text : {"\x80", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xED\xA0\x80",
                           "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF",
                           "\xE2\x82", "\xE2\x28\xA1"}) {
    EXPECT_FALSE(IsUtf8(text)) << text;
  }
}

TEST(Utf8Test, FailsAtTheFirstWrongByteWhereverTheTextIsSplit) {
  const std::string good = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\xA2";
  for (size_t split = 0; split <= good.size(); ++split) {
    Utf8Checker checker;
    EXPECT_TRUE(checker.Feed(good.substr(0, split)));
    EXPECT_TRUE(checker.Feed(good.substr(split)));
    EXPECT_TRUE(checker.complete());
  }
  Utf8Checker surrogate;
  EXPECT_TRUE(surrogate.Feed("\xED"));
  EXPECT_FALSE(surrogate.Feed("\xA0"));
}

TEST(Base64Test, RoundTripsEveryLength) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(Base64Decode(Base64Encode(bytes)), bytes);
    EXPECT_EQ(Base64UrlDecode(Base64UrlEncode(bytes)), bytes);
    bytes += static_cast<char>(i * 7);
  }
  EXPECT_EQ(Base64Encode("\x01\x02\x03\x04"), "AQIDBA==");
}

TEST(Base64Test, IsStrict) {
  for (const char* text : {"A", "AQ", "AQ=", "AQ==A", "AR==", "A Q=", "AQ=A", "====", "-_8="}) {
    EXPECT_FALSE(Base64Decode(text)) << text;
  }
  EXPECT_FALSE(Base64UrlDecode("AR"));
  EXPECT_FALSE(Base64UrlDecode("AQ=="));
}

TEST(PercentTest, DecodesOrRefuses) {
  EXPECT_EQ(PercentDecode("a%20b+c%2f", false), "a b+c/");
  EXPECT_EQ(PercentDecode("a+b", true), "a b");
  EXPECT_FALSE(PercentDecode("%", false));
  EXPECT_FALSE(PercentDecode("%4", false));
  EXPECT_FALSE(PercentDecode("%zz", false));
}

TEST(TimeTest, FormatsAndParses) {
  const WallTime time{std::chrono::milliseconds(1'645'611'330'250)};
  EXPECT_EQ(FormatTime(time), "2022-02-23T10:15:30.250Z");
  EXPECT_EQ(ParseTime("2022-02-23T10:15:30.250Z"), time);
  EXPECT_EQ(ParseTime("2022-02-23T12:15:30.2509+02:00"), time);
  EXPECT_EQ(ParseTime("2022-02-23T10:15:30Z"), time - std::chrono::milliseconds(250));
  EXPECT_EQ(FormatTime(WallTime(std::chrono::milliseconds(-1))), "1969-12-31T23:59:59.999Z");
}

TEST(TimeTest, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "2022-02-30T00:00:00Z", "2022-13-01T00:00:00Z", "2022-01-01", "2022-01-01T24:00:00Z",
        "2022-01-01T00:00:00", "2022-01-01T00:00:00.Z", "2022-01-01T00:00:00+0200",
        "2022-01-01T00:00:00Zx", "x022-01-01T00:00:00Z", "2022/01/01T00:00:00Z"}) {
    EXPECT_FALSE(ParseTime(text)) << text;
  }
}

TEST(TextTest, TrimsAndCompares) {
  EXPECT_EQ(Trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(Trim("  "), "");
  EXPECT_TRUE(EqualsIgnoreCase("Sec-WebSocket-Key", "sec-websocket-KEY"));
  EXPECT_FALSE(EqualsIgnoreCase("a", "ab"));
  EXPECT_EQ(RandomBytes(24).size(), 24u);
  EXPECT_NE(RandomBytes(24), RandomBytes(24));
}

}  // namespace
}  // namespace trackwire::base
