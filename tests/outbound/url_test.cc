#include "outbound/url.h"

#include <gtest/gtest.h>

#include "outbound/http_client.h"

namespace trackwire::outbound {
namespace {

TEST(UrlTest, KnowsWhereOneCanAsk) {
  for (const char* good : {"http://example.com", "https://example.com:8443/a/b?c=d#e",
                           "http://user:password@[2606:4700::1]:80/", "HTTP://EXAMPLE.COM/"}) {
    EXPECT_TRUE(CheckUrl(good)) << good;
    EXPECT_FALSE(CheckUrl(good, true)) << good;
  }
  for (const char* bad : {"", "example.com/a", "/a", "ftp://example.com/", "file:///etc/passwd",
                          "http://", "http://a b/", "http://example.com/\nX: y",
                          "http://example.com:99999/", "ws://example.com/", "gopher://x/"}) {
    const auto checked = CheckUrl(bad);
    ASSERT_FALSE(checked) << bad;
    EXPECT_EQ(checked.error().code, "bad_url");
  }
  EXPECT_FALSE(CheckUrl("http://example.com/" + std::string(9'000, 'x')));
  EXPECT_TRUE(CheckUrl("ws://example.com/socket", true));
  EXPECT_TRUE(CheckUrl("wss://example.com/socket", true));
}

TEST(UrlTest, RedactsWhatMayBeSecret) {
  EXPECT_EQ(RedactedUrl("https://user:secret@Example.com/a/b?token=secret#secret"),
            "https://example.com:443/a/b");
  EXPECT_EQ(RedactedUrl("http://example.com:8080"), "http://example.com:8080/");
  EXPECT_EQ(RedactedUrl("secret"), "(not a URL)");
}

TEST(UrlTest, ResolvesReferences) {
  const std::string base = "https://example.com/api/items?page=1";
  EXPECT_EQ(ResolveUrl(base, "/other?page=2").value_or(""), "https://example.com/other?page=2");
  EXPECT_EQ(ResolveUrl(base, "more").value_or(""), "https://example.com/api/more");
  EXPECT_EQ(ResolveUrl(base, "?page=2").value_or(""), "https://example.com/api/items?page=2");
  EXPECT_EQ(ResolveUrl(base, "https://other.example/").value_or(""), "https://other.example/");
  EXPECT_FALSE(ResolveUrl(base, "a b"));
  EXPECT_FALSE(ResolveUrl("nothing", "/a"));
}

TEST(UrlTest, ComparesOrigins) {
  EXPECT_TRUE(SameOrigin("https://example.com/a", "https://EXAMPLE.com:443/b?c"));
  EXPECT_FALSE(SameOrigin("https://example.com/", "http://example.com/"));
  EXPECT_FALSE(SameOrigin("https://example.com/", "https://example.com:444/"));
  EXPECT_FALSE(SameOrigin("https://example.com/", "https://example.com.evil.example/"));
  EXPECT_FALSE(SameOrigin("", ""));
}

TEST(UrlTest, PutsParametersIn) {
  EXPECT_EQ(PercentEncode("a b/ü?"), "a%20b%2F%C3%BC%3F");
  EXPECT_EQ(WithParameter("http://a.example/x", "page", "b c").value_or(""),
            "http://a.example/x?page=b%20c");
  EXPECT_EQ(WithParameter("http://a.example/x?page=1&size=5#f", "page", "2").value_or(""),
            "http://a.example/x?size=5&page=2#f");
  EXPECT_FALSE(WithParameter("x", "page", "2"));
}

}  // namespace
}  // namespace trackwire::outbound
