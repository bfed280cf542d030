#include "engineio/cookie.h"

#include <gtest/gtest.h>

namespace trackwire::engineio {
namespace {

TEST(CookieTest, CarriesItsAttributes) {
  SessionCookie cookie;
  cookie.name = "io";
  EXPECT_EQ(SetCookie(cookie, "x"), "io=x; Path=/; HttpOnly; SameSite=Lax");
  cookie.path = "/chat";
  cookie.domain = "example.org";
  cookie.http_only = false;
  cookie.secure = true;
  cookie.same_site = SessionCookie::SameSite::kNone;
  cookie.max_age = std::chrono::hours(1);
  EXPECT_EQ(SetCookie(cookie, "x"),
            "io=x; Max-Age=3600; Domain=example.org; Path=/chat; Secure; SameSite=None");
}

TEST(CookieTest, CannotBreakOutOfItsHeader) {
  SessionCookie cookie;
  cookie.name = "io";
  EXPECT_TRUE(IsValid(cookie));
  for (const char* name : {"a b", "a=b", "a;b", "a\r\nb", "\xc3\xa9"}) {
    cookie.name = name;
    EXPECT_FALSE(IsValid(cookie)) << name;
  }
  cookie.name = "io";
  cookie.path = "/;Secure";
  EXPECT_FALSE(IsValid(cookie));
  cookie.path = "/";
  cookie.domain = "a\r\nX: y";
  EXPECT_FALSE(IsValid(cookie));
}

}  // namespace
}  // namespace trackwire::engineio
