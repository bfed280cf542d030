#include "auth/token.h"

#include <gtest/gtest.h>

#include "auth/jwk_set.h"
#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class TokenTest : public ::testing::Test {
 protected:
  std::shared_ptr<const SecretKey> key_ =
      std::make_shared<SecretKey>("a secret for the tests of tokens", Only(Algorithm::kHs256));
  ManualClock clock_;
  TokenVerifier verifier_{std::make_shared<SecretKeySet>(key_), clock_};

  static std::vector<Algorithm> Only(Algorithm algorithm) { return {algorithm}; }

  std::string Token(std::string_view header, std::string_view claims) const {
    return Signed(header, claims, *key_, Algorithm::kHs256);
  }
  static std::string Signed(std::string_view header, std::string_view claims, const SecretKey& key,
                            Algorithm algorithm) {
    const std::string input = base::Base64UrlEncode(header) + "." + base::Base64UrlEncode(claims);
    return input + "." + base::Base64UrlEncode(key.Sign(algorithm, input));
  }
  std::string Claiming(std::string_view claims) const {
    return Token(R"({"alg":"HS256","typ":"JWT"})", claims);
  }
  std::string Refusal(std::string_view token) const {
    auto identity = verifier_.Verify(token);
    return identity ? "accepted" : ToString(identity.error());
  }
  std::string At(seconds from_now) const {
    const auto now = std::chrono::floor<seconds>(clock_.WallNow()).time_since_epoch();
    return std::to_string((now + from_now).count());
  }
};

TEST_F(TokenTest, ReadsTheExampleOfTheSpecification) {
  // RFC 7515, appendix A.1: the key and the token are given there as text.
  const auto secret = base::Base64UrlDecode(
      "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
  ManualClock then;
  then.SetWall(WallTime(std::chrono::milliseconds(1'300'819'000'000)));
  const TokenVerifier verifier(
      std::make_shared<SecretKeySet>(std::make_shared<SecretKey>(*secret, Only(Algorithm::kHs256))),
      then);
  const std::string token =
      "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVl"
      "fQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
  const auto identity = verifier.Verify(token);
  ASSERT_TRUE(identity) << ToString(identity.error());
  EXPECT_EQ(identity->expires_at, WallTime(std::chrono::milliseconds(1'300'819'380'000)));
}

TEST_F(TokenTest, ReadsWhoTheBearerIs) {
  const auto identity = verifier_.Verify(Claiming(
      R"({"sub":"alice","roles":["user","dispatcher"],"role":"admin","clients":["b",7,"a","b"],)"
      R"("permissions":["notifications:publish"],"jti":"t1","exp":)" +
      At(hours(1)) + R"(,"iss":"x","other":{"deep":[1]}})"));
  ASSERT_TRUE(identity) << ToString(identity.error());
  EXPECT_TRUE(identity->authenticated);
  EXPECT_EQ(identity->user, "alice");
  EXPECT_EQ(identity->roles, (std::vector<std::string>{"user", "dispatcher", "admin"}));
  EXPECT_EQ(identity->clients, (std::vector<std::string>{"\"a\"", "\"b\"", "7"}));
  EXPECT_TRUE(identity->may_publish());
  EXPECT_TRUE(identity->is_admin());
  EXPECT_EQ(identity->token_id, "t1");
}

TEST_F(TokenTest, KeepsIdsOfClientsApartByType) {
  const auto identity = verifier_.Verify(Claiming(R"({"clients":[7,"7"]})"));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->clients.size(), 2u);
}

TEST_F(TokenTest, TakesASubjectThatIsANumber) {
  const auto identity = verifier_.Verify(Claiming(R"({"sub":42})"));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->user, "42");
}

TEST_F(TokenTest, ReadsItsOwnTokens) {
  TokenRequest request;
  request.subject = "bob \"b\"";
  request.roles = {"user"};
  request.clients = {"\"acme\"", "7"};
  request.permissions = {"x"};
  request.issued_at = clock_.WallNow();
  request.expires_at = clock_.WallNow() + hours(2);
  const auto identity = verifier_.Verify(MakeToken(request, *key_));
  ASSERT_TRUE(identity) << ToString(identity.error());
  EXPECT_EQ(identity->user, request.subject);
  EXPECT_EQ(identity->roles, request.roles);
  EXPECT_EQ(identity->clients, request.clients);
  EXPECT_EQ(identity->permissions, request.permissions);
}

TEST_F(TokenTest, RefusesAnotherKeysSignature) {
  const SecretKey other("another secret, as long as the first", Only(Algorithm::kHs256));
  EXPECT_EQ(Refusal(Signed(R"({"alg":"HS256"})", "{}", other, Algorithm::kHs256)), "bad_signature");
}

TEST_F(TokenTest, RefusesAnyChangedByte) {
  const std::string token = Claiming(R"({"sub":"alice"})");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(Refusal(changed), "accepted") << i;
  }
}

TEST_F(TokenTest, RefusesAnyCut) {
  const std::string token = Claiming(R"({"sub":"alice"})");
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_NE(Refusal(token.substr(0, size)), "accepted") << size;
  }
}

TEST_F(TokenTest, RefusesNone) {
  for (const char* name : {"none", "None", "NONE", "nOnE", "none ", ""}) {
    const std::string header = std::string(R"({"alg":")") + name + "\"}";
    EXPECT_EQ(Refusal(Token(header, "{}")), "unsupported_algorithm") << name;
    const std::string unsigned_token =
        base::Base64UrlEncode(header) + "." + base::Base64UrlEncode("{}") + ".";
    EXPECT_EQ(Refusal(unsigned_token), "unsupported_algorithm") << name;
  }
}

TEST_F(TokenTest, RefusesAlgorithmsItsKeyIsNotBoundTo) {
  EXPECT_EQ(Refusal(Signed(R"({"alg":"HS512"})", "{}", *key_, Algorithm::kHs512)), "no_key");
  EXPECT_EQ(Refusal(Token(R"({"alg":"RS256"})", "{}")), "no_key");
  EXPECT_EQ(Refusal(Token(R"({"alg":"hs256"})", "{}")), "unsupported_algorithm");
}

TEST_F(TokenTest, VerifiesOtherAlgorithmsItsKeyIsBoundTo) {
  for (const Algorithm algorithm : {Algorithm::kHs384, Algorithm::kHs512}) {
    auto key = std::make_shared<SecretKey>("secret", Only(algorithm));
    const TokenVerifier verifier(std::make_shared<SecretKeySet>(key), clock_);
    const std::string header = std::string(R"({"alg":")") + ToString(algorithm) + "\"}";
    EXPECT_TRUE(verifier.Verify(Signed(header, "{}", *key, algorithm)));
  }
}

TEST_F(TokenTest, RefusesTimesThatDoNotHold) {
  EXPECT_EQ(Refusal(Claiming(R"({"exp":)" + At(seconds(-29)) + "}")), "accepted");
  EXPECT_EQ(Refusal(Claiming(R"({"exp":)" + At(seconds(-30)) + "}")), "expired");
  EXPECT_EQ(Refusal(Claiming(R"({"nbf":)" + At(seconds(30)) + "}")), "accepted");
  EXPECT_EQ(Refusal(Claiming(R"({"nbf":)" + At(seconds(31)) + "}")), "not_yet_valid");
}

struct BadClaims {
  const char* claims;
  const char* refusal;
};

class BadClaimsTest : public TokenTest, public ::testing::WithParamInterface<BadClaims> {};

TEST_P(BadClaimsTest, AreRefused) {
  EXPECT_EQ(Refusal(Claiming(GetParam().claims)), GetParam().refusal) << GetParam().claims;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadClaimsTest,
    ::testing::Values(
        BadClaims{"", "bad_claims"}, BadClaims{"[]", "bad_claims"}, BadClaims{"{", "bad_claims"},
        BadClaims{"{}x", "bad_claims"}, BadClaims{R"({"exp":"1"})", "bad_claim"},
        BadClaims{R"({"exp":-1})", "bad_claim"}, BadClaims{R"({"exp":1e400})", "bad_claim"},
        BadClaims{R"({"exp":1e15})", "bad_claim"}, BadClaims{R"({"exp":null})", "bad_claim"},
        BadClaims{R"({"exp":NaN})", "bad_claims"}, BadClaims{R"({"exp":Infinity})", "bad_claims"},
        BadClaims{R"({"exp":-1e308})", "bad_claim"}, BadClaims{R"({"exp":[1]})", "bad_claim"},
        BadClaims{R"({"exp":9999999999999999999999})", "bad_claim"},
        BadClaims{R"({"nbf":"0"})", "bad_claim"}, BadClaims{R"({"jti":7})", "bad_claim"},
        BadClaims{"7", "bad_claims"}, BadClaims{"\"text\"", "bad_claims"},
        BadClaims{"null", "bad_claims"}, BadClaims{"{\"sub\":\"\xff\"}", "bad_claims"},
        BadClaims{R"({"permissions":7})", "bad_claim"},
        BadClaims{R"({"exp":4000000000,"exp":1})", "duplicate_claim"},
        BadClaims{R"({"nbf":true})", "bad_claim"}, BadClaims{R"({"sub":["a"]})", "bad_claim"},
        BadClaims{R"({"sub":1.5})", "bad_claim"}, BadClaims{R"({"roles":"admin"})", "bad_claim"},
        BadClaims{R"({"roles":[1]})", "bad_claim"}, BadClaims{R"({"role":["admin"]})", "bad_claim"},
        BadClaims{R"({"clients":[""]})", "bad_claim"},
        BadClaims{R"({"clients":[1.5]})", "bad_claim"},
        BadClaims{R"({"clients":[null]})", "bad_claim"},
        BadClaims{R"({"sub":"a","sub":"b"})", "duplicate_claim"},
        BadClaims{R"({"role":"user","rol\u0065":"admin"})", "duplicate_claim"},
        BadClaims{R"({"x":1,"x":2})", "duplicate_claim"}));

struct BadHeader {
  const char* header;
  const char* refusal;
};

class BadHeaderTest : public TokenTest, public ::testing::WithParamInterface<BadHeader> {};

TEST_P(BadHeaderTest, IsRefused) {
  EXPECT_EQ(Refusal(Token(GetParam().header, "{}")), GetParam().refusal) << GetParam().header;
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadHeaderTest,
    ::testing::Values(BadHeader{"", "bad_header"}, BadHeader{"[]", "bad_header"},
                      BadHeader{"{}", "bad_header"}, BadHeader{R"({"alg":1})", "bad_header"},
                      BadHeader{R"({"alg":"HS256","kid":1})", "bad_header"},
                      BadHeader{R"({"alg":"HS256","alg":"HS256"})", "duplicate_claim"},
                      BadHeader{R"({"alg":"HS256","x":1,"\u0078":1})", "duplicate_claim"},
                      BadHeader{R"({"alg":"none","alg":"HS256"})", "duplicate_claim"},
                      BadHeader{R"({"alg":"HS256"}{})", "bad_header"},
                      BadHeader{R"({"alg":"HS256 "})", "unsupported_algorithm"},
                      BadHeader{R"({"alg":null})", "bad_header"},
                      BadHeader{R"({"alg":["HS256"]})", "bad_header"},
                      BadHeader{R"({"alg":"HS256","crit":[]})", "unsupported_critical"},
                      BadHeader{R"({"alg":"HS256","b64":false})", "unsupported_critical"},
                      BadHeader{R"({"alg":"HS256","b64":false,"crit":["b64"]})",
                                "unsupported_critical"},
                      BadHeader{R"({"alg":"HS256","crit":["x"]})", "unsupported_critical"}));

TEST_F(TokenTest, ObeysNothingElseInTheHeader) {
  EXPECT_EQ(
      Refusal(Token(R"({"alg":"HS256","typ":"at+jwt","cty":"x","jku":"https://evil.example/k",)"
                    R"("x5u":"https://evil.example/c","x5c":["AAAA"],"jwk":{"kty":"oct",)"
                    R"("k":"AAAA"},"kid":"../../etc/passwd","zip":"DEF","other":[{}]})",
                    "{}")),
      "accepted");
  const std::string long_name(kMaxKeyIdBytes + 1, 'k');
  EXPECT_EQ(Refusal(Token(R"({"alg":"HS256","kid":")" + long_name + R"("})", "{}")), "bad_header");
}

TEST_F(TokenTest, RefusesOtherForms) {
  const std::string token = Claiming("{}");
  EXPECT_EQ(Refusal(""), "not_three_parts");
  EXPECT_EQ(Refusal("a.b"), "not_three_parts");
  EXPECT_EQ(Refusal(token + ".x"), "not_three_parts");
  EXPECT_EQ(Refusal("a.b.c.d.e"), "not_three_parts");
  EXPECT_EQ(Refusal(".."), "bad_header");
  EXPECT_EQ(Refusal(token.substr(0, token.rfind('.') + 1)), "bad_signature");
  EXPECT_EQ(Refusal(token.substr(token.find('.'))), "bad_header");
  for (const char* tail : {"=", "==", "+", "/", " ", "\n", "\t", "%3D", "\xc3\xa9"}) {
    EXPECT_EQ(Refusal(token + tail), "bad_base64") << tail;
    EXPECT_EQ(Refusal(tail + token), "bad_base64") << tail;
  }
  EXPECT_EQ(Refusal(token + std::string(1, '\0')), "bad_base64");
  EXPECT_EQ(Refusal(" " + token), "bad_base64");
  EXPECT_EQ(Refusal(std::string(kMaxTokenBytes + 1, 'a')), "too_large");
  EXPECT_EQ(Refusal(std::string(kMaxTokenBytes + 1, '!')), "too_large");
  std::string claims = R"({"x":")";
  while (Claiming(claims + "\"}").size() < kMaxTokenBytes - 1) claims += 'x';
  EXPECT_EQ(Refusal(Claiming(claims + "\"}")), "accepted");
  EXPECT_EQ(Refusal(Claiming(claims + "xxxx\"}")), "too_large");
}

TEST_F(TokenTest, RefusesBase64BitsThatNoEncoderWrites) {
  // 32 bytes of signature leave two unused bits in the last character.
  const std::string token = Claiming("{}");
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const size_t last = alphabet.find(token.back());
  ASSERT_EQ(last % 4, 0u);
  std::string changed = token;
  changed.back() = alphabet[last + 1];
  EXPECT_EQ(Refusal(changed), "bad_base64");
}

TEST_F(TokenTest, RefusesTooManyClients) {
  std::string claims = R"({"clients":[0)";
  for (int i = 1; i < 257; ++i) claims += "," + std::to_string(i);
  EXPECT_EQ(Refusal(Claiming(claims + "]}")), "bad_claim");
}

TEST(IdentityTest, TellsPeopleApart) {
  Identity anonymous;
  Identity alice;
  alice.authenticated = true;
  alice.user = "alice";
  Identity promoted = alice;
  promoted.roles = {"admin"};
  Identity nameless;
  nameless.authenticated = true;
  Identity nameless_admin = nameless;
  nameless_admin.roles = {"admin"};
  EXPECT_NE(anonymous.Fingerprint(), alice.Fingerprint());
  EXPECT_EQ(alice.Fingerprint(), promoted.Fingerprint());
  EXPECT_NE(nameless.Fingerprint(), anonymous.Fingerprint());
  EXPECT_NE(nameless.Fingerprint(), nameless_admin.Fingerprint());
}

}  // namespace
}  // namespace trackwire::auth
