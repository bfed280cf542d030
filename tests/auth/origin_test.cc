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

TEST(OriginTest, IsNotFooledByWhatLooksAlike) {
  const OriginList list = List({"https://example.org", "https://*.example.org", "http://dev:*"});
  for (const char* other :
       {"https://evil-example.org", "https://example.org.evil", "https://evil.com/example.org",
        "https://example.org@evil.com", "https://evil.com#example.org", "https://example.org%00.evil",
        "https://example.org.", "https://.example.org", "https://x.evil-example.org",
        "https://a.example.org:8443", "HTTPS//example.org", "example.org", "//example.org",
        "null", "NULL", "file://", "https://example.org https://evil.com", "http://dev:80:evil.com",
        "http://dev:evil.com", "http://dev.evil.com", "https://dev", "ws://example.org"}) {
    EXPECT_FALSE(list.Lists(other)) << other;
    EXPECT_FALSE(list.Allows(other, "map.test")) << other;
    EXPECT_FALSE(list.AllowsCookies(other, "map.test")) << other;
  }
  EXPECT_TRUE(list.Lists("HTTPS://Example.ORG:443")) << "case and the scheme's own port are no other";
}

TEST(OriginTest, TakesPagesForItsOwnByHostAndPort) {
  const OriginList none = List({});
  EXPECT_TRUE(none.Allows("https://a.org", "a.org:443")) << "what a browser leaves out";
  EXPECT_TRUE(none.Allows("http://a.org", "A.ORG:80"));
  EXPECT_TRUE(none.Allows("http://[::1]:8080", "[::1]:8080"));
  for (const auto& [origin, host] : std::initializer_list<std::pair<const char*, const char*>>{
           {"https://a.org", "a.org:80"},
           {"http://a.org:443", "a.org"},
           {"http://a.org.evil.com", "a.org"},
           {"http://evil-a.org", "a.org"},
           {"capacitor://localhost", "localhost"},
           {"chrome-extension://a.org", "a.org"},
           {"null", "null"},
           {"http://x@a.org", "x@a.org"},
           {"http://a.org/", "a.org/"},
           {"http://", ""}}) {
    EXPECT_FALSE(none.Allows(origin, host)) << origin << " at " << host;
    EXPECT_FALSE(none.AllowsCookies(origin, host)) << origin << " at " << host;
  }
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
