#include "auth/token_source.h"

#include <gtest/gtest.h>

namespace trackwire::auth {
namespace {

net::http::Headers Bearer(const std::string& value) {
  net::http::Headers headers;
  headers.Add("Authorization", value);
  return headers;
}

std::string Found(const std::optional<PresentedToken>& presented) {
  return presented ? std::string(presented->source) + ":" + presented->token : "none";
}

TEST(TokenSourceTest, ToleratesHowCookiesAreWritten) {
  for (const char* cookie : {"abc", "\"abc\"", "Bearer abc", "bearer abc", "\"Bearer abc\"",
                             "Bearer%20abc", " abc ", "%22Bearer%20abc%22"}) {
    EXPECT_EQ(Found(FindToken(std::string(cookie), "{}", {})), "cookie:abc") << cookie;
  }
}

TEST(TokenSourceTest, TakesTheFirstPlaceThatHasOne) {
  const auto headers = Bearer("Bearer three");
  EXPECT_EQ(Found(FindToken("one", R"({"token":"two"})", headers)), "cookie:one");
  EXPECT_EQ(Found(FindToken("", R"({"token":"two"})", headers)), "auth:two");
  EXPECT_EQ(Found(FindToken(std::nullopt, R"({"token":"Bearer two"})", headers)), "auth:two");
  EXPECT_EQ(Found(FindToken(std::nullopt, "{}", headers)), "header:three");
  EXPECT_EQ(Found(FindToken(std::nullopt, "{}", {})), "none");
}

TEST(TokenSourceTest, PassesOverWhatIsNoToken) {
  for (const char* auth :
       {"", "[]", "{", R"({"token":1})", R"({"token":""})", R"({"token":null})"}) {
    EXPECT_EQ(Found(FindToken(std::nullopt, auth, {})), "none") << auth;
  }
  for (const char* header : {"", "Bearer", "Bearer ", "Basic abc", "abc"}) {
    EXPECT_EQ(Found(FindToken(std::nullopt, "", Bearer(header))), "none") << header;
  }
}

}  // namespace
}  // namespace trackwire::auth
