#include "auth/claims.h"

#include <gtest/gtest.h>

namespace trackwire::auth {
namespace {

using std::chrono::seconds;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

class ClaimsTest : public ::testing::Test {
 protected:
  ClaimRules rules_;

  std::string Outcome(std::string_view json) const {
    auto identity = ParseClaims(json, rules_, kNow);
    return identity ? "accepted" : ToString(identity.error());
  }
  Identity Read(std::string_view json) const {
    auto identity = ParseClaims(json, rules_, kNow);
    EXPECT_TRUE(identity) << ToString(identity.error());
    return identity ? *identity : Identity();
  }
};

TEST_F(ClaimsTest, WantsTheIssuerThatIsConfigured) {
  rules_.issuer = "https://issuer.example/";
  EXPECT_EQ(Outcome(R"({"iss":"https://issuer.example/"})"), "accepted");
  EXPECT_EQ(Outcome(R"({"\u0069ss":"https:\/\/issuer.example\/"})"), "accepted");
  EXPECT_EQ(Outcome(R"({"iss":"https://issuer.example"})"), "wrong_issuer");
  EXPECT_EQ(Outcome(R"({"iss":"HTTPS://issuer.example/"})"), "wrong_issuer");
  EXPECT_EQ(Outcome(R"({"iss":""})"), "wrong_issuer");
  EXPECT_EQ(Outcome("{}"), "wrong_issuer");
  EXPECT_EQ(Outcome(R"({"iss":["https://issuer.example/"]})"), "bad_claim");
  EXPECT_EQ(Outcome(R"({"iss":null})"), "bad_claim");
}

TEST_F(ClaimsTest, WantsTheAudienceThatIsConfigured) {
  rules_.audience = "map";
  EXPECT_EQ(Outcome(R"({"aud":"map"})"), "accepted");
  EXPECT_EQ(Outcome(R"({"aud":["other","map"]})"), "accepted");
  for (const char* other : {R"({"aud":"maps"})", R"({"aud":["other"]})", R"({"aud":[]})",
                            R"({"aud":"other map"})", "{}"}) {
    EXPECT_EQ(Outcome(other), "wrong_audience") << other;
  }
  for (const char* bad : {R"({"aud":7})", R"({"aud":{"map":1}})", R"({"aud":["map",7]})"}) {
    EXPECT_EQ(Outcome(bad), "bad_claim") << bad;
  }
}

TEST_F(ClaimsTest, LeavesIssuerAndAudienceAloneOtherwise) {
  EXPECT_EQ(Outcome(R"({"iss":7,"aud":{}})"), "accepted");
}

TEST_F(ClaimsTest, GivesClocksTheirLeeway) {
  rules_.leeway = seconds(5);
  const auto at = [](const char* claim, int from_now) {
    return std::string("{\"") + claim + "\":" + std::to_string(1'700'000'000 + from_now) + "}";
  };
  EXPECT_EQ(Outcome(at("exp", -4)), "accepted");
  EXPECT_EQ(Outcome(at("exp", -5)), "expired");
  EXPECT_EQ(Outcome(at("nbf", 5)), "accepted");
  EXPECT_EQ(Outcome(at("nbf", 6)), "not_yet_valid");
  rules_.leeway = seconds(0);
  EXPECT_EQ(Outcome(at("exp", 0)), "expired");
  EXPECT_EQ(Outcome(at("exp", 1)), "accepted");
  EXPECT_EQ(Outcome(R"({"exp":1700000000.5})"), "accepted");
}

TEST_F(ClaimsTest, FindsListsWhereTheyAreConfiguredToStand) {
  rules_.roles = ClaimPath("realm_access.roles");
  rules_.clients = ClaimPath("tenants");
  rules_.permissions = ClaimPath("resource_access.trackwire.may");
  const Identity identity =
      Read(R"({"realm_access":{"roles":["user"],"other":1},"tenants":["b","a"],)"
           R"("resource_access":{"trackwire":{"may":["x","y"]}},"clients":["no"]})");
  EXPECT_EQ(identity.roles, std::vector<std::string>{"user"});
  EXPECT_EQ(identity.clients, (std::vector<std::string>{"\"a\"", "\"b\""}));
  EXPECT_EQ(identity.permissions, (std::vector<std::string>{"x", "y"}));
}

TEST_F(ClaimsTest, TakesNamesThatHaveDotsOfTheirOwn) {
  rules_.roles = ClaimPath("https://map.example.org/roles");
  EXPECT_EQ(Read(R"({"https://map.example.org/roles":["admin"]})").roles,
            std::vector<std::string>{"admin"});
  EXPECT_TRUE(Read(R"({"https://map":{"example":{"org/roles":["admin"]}}})").is_admin());
}

TEST_F(ClaimsTest, ReadsNoRoleFromWhereNoneIsExpected) {
  // What a visitor may fill in as "role" at an issuer that keeps roles elsewhere.
  rules_.roles = ClaimPath("realm_access.roles");
  const Identity identity = Read(R"({"role":"admin","roles":["admin"],"realm_access":{}})");
  EXPECT_TRUE(identity.roles.empty());
  EXPECT_TRUE(Read(R"({})").roles.empty());
}

TEST_F(ClaimsTest, RefusesPlacesOfAWrongType) {
  rules_.roles = ClaimPath("a.b.c");
  EXPECT_EQ(Outcome(R"({"a":7})"), "bad_claim");
  EXPECT_EQ(Outcome(R"({"a":{"b":["c"]}})"), "bad_claim");
  EXPECT_EQ(Outcome(R"({"a":{"b":{"c":"admin"}}})"), "bad_claim");
  EXPECT_EQ(Outcome(R"({"a":{"b":{"c":[]},"b":{"c":["admin"]}}})"), "duplicate_claim");
  EXPECT_EQ(Outcome(R"({"a":{"b":{"c":[],"\u0063":["admin"]}}})"), "duplicate_claim");
  EXPECT_EQ(Outcome(R"({"a":{"b":{"x":[]}}})"), "accepted");
}

TEST_F(ClaimsTest, SplitsAScope) {
  rules_.permissions = ClaimPath("scope");
  EXPECT_EQ(Read(R"({"scope":"openid notifications:publish  x openid"})").permissions,
            (std::vector<std::string>{"openid", "notifications:publish", "x"}));
  EXPECT_TRUE(Read(R"({"scope":" "})").permissions.empty());
  EXPECT_EQ(Outcome("{\"scope\":\"" + std::string(257, 'x') + "\"}"), "bad_claim");
  std::string many;
  for (int i = 0; i < 257; ++i) many += "x" + std::to_string(i) + " ";
  EXPECT_EQ(Outcome("{\"scope\":\"" + many + "\"}"), "bad_claim");
}

TEST(ClaimPathTest, KnowsWhatIsNone) {
  for (const char* good : {"roles", "a.b", "https://x.example/roles", "a.b.c.d.e.f.g.h"}) {
    EXPECT_TRUE(ClaimPath::IsValid(good)) << good;
  }
  for (const char* bad : {"", ".", "a.", ".a", "a..b", "a.b.c.d.e.f.g.h.i"}) {
    EXPECT_FALSE(ClaimPath::IsValid(bad)) << bad;
  }
}

}  // namespace
}  // namespace trackwire::auth
