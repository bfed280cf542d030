#include "auth/origin.h"

#include <gtest/gtest.h>

namespace trackwire::auth {
namespace {

OriginList List(const std::vector<std::string>& entries) {
  auto list = OriginList::Parse(entries);
  EXPECT_TRUE(list) << list.error().detail;
  return list ? *list : OriginList();
}

TEST(OriginTest, MatchesExactly) {
  const OriginList list = List({"https://example.org"});
  EXPECT_TRUE(list.Lists("https://example.org"));
  EXPECT_TRUE(list.Lists("https://EXAMPLE.org:443"));
  for (const char* other :
       {"http://example.org", "https://example.org:444", "https://example.org.evil.com",
        "https://notexample.org", "https://a.example.org", "null", "", "https://",
        "https://example.org/path"}) {
    EXPECT_FALSE(list.Lists(other)) << other;
  }
}

TEST(OriginTest, LetsAStarStandForOneLabel) {
  const OriginList list = List({"https://*.example.org"});
  EXPECT_TRUE(list.Lists("https://a.example.org"));
  for (const char* other : {"https://example.org", "https://a.b.example.org",
                            "https://.example.org", "https://aexample.org"}) {
    EXPECT_FALSE(list.Lists(other)) << other;
  }
}

TEST(OriginTest, LetsAStarStandForAnyPort) {
  const OriginList list = List({"http://localhost:*", "http://[::1]:*"});
  EXPECT_TRUE(list.Lists("http://localhost:5173"));
  EXPECT_TRUE(list.Lists("http://localhost"));
  EXPECT_TRUE(list.Lists("http://[::1]:3000"));
  EXPECT_FALSE(list.Lists("https://localhost:5173"));
}

TEST(OriginTest, RefusesPatternsThatMeanNothing) {
  for (const char* bad : {"", "example.org", "https://*", "https://a.*.org", "https://a*.org",
                          "https://example.org/x", "https://example.org:", "https://example.org:x",
                          "://example.org", "https://*.*.org"}) {
    EXPECT_FALSE(OriginPattern::Parse(bad)) << bad;
  }
}

TEST(OriginTest, AllowsOwnPagesAndProgramsAlways) {
  const OriginList list = List({});
  EXPECT_TRUE(list.Allows(std::nullopt, "a.org"));
  EXPECT_TRUE(list.Allows("https://a.org", "a.org"));
  EXPECT_TRUE(list.Allows("http://A.org:8080", "a.org:8080"));
  EXPECT_FALSE(list.Allows("http://a.org", "a.org:8080"));
  EXPECT_FALSE(list.Allows("http://b.org", "a.org"));
  EXPECT_FALSE(list.Allows("null", "a.org"));
  EXPECT_FALSE(list.Allows("http://", ""));
  EXPECT_TRUE(List({"*"}).Allows("null", "a.org"));
}

TEST(OriginTest, CountsNoCookieThatOnlyTheStarLetsIn) {
  const OriginList list = List({"*", "https://listed.org", "http://localhost:*"});
  EXPECT_TRUE(list.Allows("https://evil.org", "a.org"));
  EXPECT_FALSE(list.AllowsCookies("https://evil.org", "a.org"));
  EXPECT_FALSE(list.AllowsCookies("null", "a.org"));
  EXPECT_FALSE(list.AllowsCookies("", ""));
  EXPECT_TRUE(list.AllowsCookies("https://listed.org", "a.org"));
  EXPECT_TRUE(list.AllowsCookies("http://localhost", "a.org"));
  EXPECT_TRUE(list.AllowsCookies("https://A.org", "a.org"));
  EXPECT_TRUE(list.AllowsCookies(std::nullopt, "a.org"));
}

}  // namespace
}  // namespace trackwire::auth
