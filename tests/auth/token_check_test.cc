#include <gtest/gtest.h>

#include "auth/token.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

using std::chrono::milliseconds;

class TokenCheckTest : public ::testing::Test {
 protected:
  std::shared_ptr<const SecretKey> key_ = std::make_shared<SecretKey>(
      "a secret for the tests of checks", std::vector<Algorithm>{Algorithm::kHs256});
  ManualClock clock_;
  TokenVerifier verifier_{std::make_shared<SecretKeySet>(key_), clock_};

  std::string Claiming(std::string_view claims) const {
    const std::string input = base::Base64UrlEncode(R"({"alg":"HS256"})") + "." +
                              base::Base64UrlEncode(claims);
    return input + "." + base::Base64UrlEncode(key_->Sign(Algorithm::kHs256, input));
  }
};

TEST_F(TokenCheckTest, SaysWhenATokenWasIssuedToTheMillisecond) {
  TokenRequest request;
  request.subject = "ada";
  request.issued_at = clock_.WallNow() + milliseconds(7);
  request.expires_at = clock_.WallNow() + std::chrono::hours(1);
  const auto identity = verifier_.Verify(MakeToken(request, *key_));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->issued_at, std::chrono::floor<milliseconds>(request.issued_at));
  EXPECT_FALSE(identity->from_login);
}

TEST_F(TokenCheckTest, KnowsTheTokensOfItsOwnLogin) {
  TokenRequest request;
  request.login = true;
  request.expires_at = clock_.WallNow() + std::chrono::hours(1);
  const auto identity = verifier_.Verify(MakeToken(request, *key_));
  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->from_login);
  const auto odd = verifier_.Verify(Claiming(R"({"sub":"a","trackwire_login":1})"));
  ASSERT_FALSE(odd);
  EXPECT_EQ(odd.error(), TokenError::kBadClaim);
}

TEST_F(TokenCheckTest, NamesTokensThatHaveNoName) {
  const auto one = verifier_.Verify(Claiming(R"({"sub":"a"})"));
  const auto same = verifier_.Verify(Claiming(R"({"sub":"a"})"));
  const auto other = verifier_.Verify(Claiming(R"({"sub":"b"})"));
  ASSERT_TRUE(one && same && other);
  EXPECT_EQ(one->token_id, same->token_id);
  EXPECT_NE(one->token_id, other->token_id);
  EXPECT_EQ(verifier_.Verify(Claiming(R"({"sub":"a","jti":"x"})"))->token_id, "x");
}

TEST_F(TokenCheckTest, AsksEveryCheckInOrderUntilOneRefuses) {
  std::string asked;
  verifier_.AddCheck([&](Identity& identity) -> std::optional<TokenError> {
    asked += "1";
    identity.roles = {"pilot"};
    return std::nullopt;
  });
  verifier_.AddCheck([&](Identity& identity) -> std::optional<TokenError> {
    asked += identity.HasRole("pilot") ? "2" : "?";
    if (identity.user == "mallory") return TokenError::kRevoked;
    return std::nullopt;
  });
  const auto ada = verifier_.Verify(Claiming(R"({"sub":"ada","role":"admin"})"));
  ASSERT_TRUE(ada);
  EXPECT_EQ(ada->roles, std::vector<std::string>{"pilot"});
  const auto mallory = verifier_.Verify(Claiming(R"({"sub":"mallory"})"));
  ASSERT_FALSE(mallory);
  EXPECT_EQ(mallory.error(), TokenError::kRevoked);
  EXPECT_EQ(asked, "1212");
  EXPECT_FALSE(verifier_.Verify("a.b.c"));
  EXPECT_EQ(asked, "1212") << "a token that does not verify is no business of theirs";
}

}  // namespace
}  // namespace trackwire::auth
