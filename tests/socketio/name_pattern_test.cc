#include "socketio/name_pattern.h"

#include <gtest/gtest.h>

#include <string>

namespace trackwire::socketio {
namespace {

NamePattern Read(std::string_view pattern) {
  auto read = NamePattern::Parse(pattern);
  EXPECT_TRUE(read) << pattern;
  return std::move(*read);
}

bool Fits(std::string_view pattern, std::string_view name) { return Read(pattern).Matches(name); }

TEST(NamePatternTest, FindsAPartUnlessItIsToldWhereToBegin) {
  EXPECT_TRUE(Fits("b", "/abc"));
  EXPECT_FALSE(Fits("^b", "/abc"));
  EXPECT_TRUE(Fits(R"(^\/dynamic-\d+$)", "/dynamic-101"));
  EXPECT_FALSE(Fits(R"(^\/dynamic-\d+$)", "/dynamic-101x"));
  EXPECT_FALSE(Fits(R"(^\/dynamic-\d+$)", "/dynamic-"));
  EXPECT_TRUE(Fits("", ""));
  EXPECT_TRUE(Fits("^$", ""));
  EXPECT_FALSE(Fits("^$", "/"));
}

TEST(NamePatternTest, KnowsClassesGroupsAndQuantifiers) {
  EXPECT_TRUE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/red-afx"));
  EXPECT_TRUE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/-ff"));
  EXPECT_FALSE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/blue-ff"));
  EXPECT_FALSE(Fits("^/(red|green|)-[a-fx]{2,3}$", "/red-f"));
  EXPECT_TRUE(Fits("^(?:ab)*?c+?$", "ababcc"));
  EXPECT_TRUE(Fits("^(?P<room>a?){3}$", "aa"));
  EXPECT_TRUE(Fits(R"(^[^\s\d-]+$)", "/x_y"));
  EXPECT_FALSE(Fits(R"(^[^\s\d-]+$)", "/x-y"));
  EXPECT_TRUE(Fits(R"(\bnews\b)", "/news/today"));
  EXPECT_FALSE(Fits(R"(\bnews\b)", "/newsroom"));
  EXPECT_TRUE(Fits(R"(\x41\x{42}\t)", "AB\t"));
  EXPECT_FALSE(Fits("^.$", "\n"));
}

TEST(NamePatternTest, CountsCharactersAndNotBytes) {
  EXPECT_TRUE(Fits("^.{3}$", "\u00e9\u20ac\U0001f6a2"));
  EXPECT_TRUE(Fits("^[\u00e0-\u00ff]$", "\u00e9"));
  EXPECT_TRUE(Fits(R"(^\D\W$)", "\u20ac\u20ac"));
}

TEST(NamePatternTest, RefusesWhatItDoesNotKnow) {
  for (const char* pattern :
       {"(", ")", "a)", "[a", "*", "a**", "(?=a)", "(?!a)", "(?<=a)", "(?<!a)", R"(\1)", R"((a)\2)",
        R"(\q)", "\\", "[b-a]", "a{3,2}", "a{2001}", "(a{100}){100}", R"(\x4)", "(?P<a",
        R"([\)", "\xff"}) {
    const auto read = NamePattern::Parse(pattern);
    ASSERT_FALSE(read) << pattern;
    EXPECT_EQ(read.error().code, "bad_pattern");
    EXPECT_FALSE(read.error().detail.empty());
  }
}

/// Patterns on which an engine that goes back does not come to an end.
TEST(NamePatternTest, IsNotSlowedDownByAnyName) {
  const std::string name = "/" + std::string(255, 'a') + "!";
  EXPECT_FALSE(Fits("^/(a+)+$", name));
  EXPECT_FALSE(Fits("^/(a|a)*$", name));
  EXPECT_FALSE(Fits("^/(a*)*(a*)*(a*)*$", name));
  EXPECT_FALSE(Fits("^/(.*)(.*)(.*)(.*)(.*)x$", name));
  EXPECT_FALSE(Fits("^/(a?){255}b$", name));
}

}  // namespace
}  // namespace trackwire::socketio
