// Which keys a token may be verified with: by algorithm, name and issuer.
#include <gtest/gtest.h>

#include "auth/jwk_set.h"
#include "auth/public_key.h"
#include "auth/token.h"
#include "base/text.h"
#include "tests/auth/signer.h"

namespace trackwire::auth {
namespace {

using testing::Compact;
using testing::KeySetOf;
using testing::Signer;

/// A fixed set as a source; it has no thread behind it.
class FixedKeys final : public KeySet {
 public:
  explicit FixedKeys(const std::string& json, const JwkOptions& options = {}) {
    auto set = JwkSet::Parse(json, options);
    EXPECT_TRUE(set) << set.error().detail;
    keys_ = *set;
  }
  void Find(Algorithm algorithm, std::string_view key_id, Candidates& out) const override {
    keys_->Find(algorithm, key_id, out);
  }

 private:
  std::shared_ptr<const JwkSet> keys_;
};

std::vector<Algorithm> All() {
  std::vector<Algorithm> out;
  for (size_t i = 0; i < kAlgorithmCount; ++i) out.push_back(static_cast<Algorithm>(i));
  return out;
}

TokenSource Pem(const Signer& signer, const std::vector<Algorithm>& algorithms = All()) {
  auto key = PublicKey::FromPem(signer.PublicPem(), algorithms);
  EXPECT_TRUE(key);
  return {std::make_shared<SingleKeySet>(*key), {}};
}

TokenSource Secret(const std::string& secret) {
  return {
      std::make_shared<SingleKeySet>(std::make_shared<const SecretKey>(
          secret, std::vector<Algorithm>{Algorithm::kHs256, Algorithm::kHs384, Algorithm::kHs512})),
      {}};
}

TokenSource From(TokenSource source, const std::string& issuer) {
  source.rules.issuer = issuer;
  return source;
}

std::string Outcome(std::vector<TokenSource> sources, const std::string& token) {
  static const ManualClock clock;
  auto identity = TokenVerifier(std::move(sources), clock).Verify(token);
  return identity ? "accepted" : ToString(identity.error());
}

std::string HmacToken(const std::string& secret, Algorithm algorithm, std::string_view claims) {
  const SecretKey key(secret, {algorithm});
  const std::string input =
      base::Base64UrlEncode(std::string(R"({"alg":")") + ToString(algorithm) + "\"}") + "." +
      base::Base64UrlEncode(claims);
  return input + "." + base::Base64UrlEncode(key.Sign(algorithm, input));
}

class EachTokenTest : public ::testing::TestWithParam<Algorithm> {};

TEST_P(EachTokenTest, IsVerified) {
  const Signer& signer = Signer::Of(KindOf(GetParam()));
  EXPECT_EQ(Outcome({Pem(signer)}, signer.Token(GetParam(), "{}")), "accepted");
  EXPECT_EQ(Outcome({Pem(signer)}, signer.Token(GetParam(), "[]")), "bad_claims");
}

TEST_P(EachTokenTest, IsNotVerifiedByTheSameKeyUnderAnotherName) {
  // The signature is right, the header claims another algorithm.
  const Signer& signer = Signer::Of(KindOf(GetParam()));
  for (const Algorithm other : All()) {
    if (other == GetParam()) continue;
    const std::string header = std::string(R"({"alg":")") + ToString(other) + "\"}";
    EXPECT_NE(Outcome({Pem(signer)}, signer.TokenWith(header, GetParam(), "{}")), "accepted")
        << ToString(other);
  }
}

TEST_P(EachTokenTest, IsRefusedWithAKeyOfAnotherKind) {
  const Signer& signer = Signer::Of(KindOf(GetParam()));
  for (const KeyKind kind :
       {KeyKind::kRsa, KeyKind::kP256, KeyKind::kP384, KeyKind::kP521, KeyKind::kEd25519}) {
    if (kind == KindOf(GetParam())) continue;
    EXPECT_EQ(Outcome({Pem(Signer::Of(kind))}, signer.Token(GetParam(), "{}")), "no_key");
  }
}

TEST_P(EachTokenTest, IsRefusedWithoutASignature) {
  const std::string header = std::string(R"({"alg":")") + ToString(GetParam()) + "\"}";
  const std::string token = Compact(header, "{}", "");
  ASSERT_EQ(token.back(), '.');
  EXPECT_EQ(Outcome({Pem(Signer::Of(KindOf(GetParam())))}, token), "bad_signature");
}

INSTANTIATE_TEST_SUITE_P(Asymmetric, EachTokenTest,
                         ::testing::Values(Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512,
                                           Algorithm::kPs256, Algorithm::kPs384, Algorithm::kPs512,
                                           Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEs512,
                                           Algorithm::kEdDsa),
                         [](const auto& test) { return ToString(test.param); });

TEST(TokenKeysTest, TakesNoPublicKeyForASecret) {
  for (const KeyKind kind : {KeyKind::kRsa, KeyKind::kP256, KeyKind::kEd25519}) {
    const Signer& signer = Signer::Of(kind);
    const std::string pem = signer.PublicPem();
    std::vector<std::string> forms = {pem, pem.substr(0, pem.size() - 1), signer.PublicDer(),
                                      signer.CertificatePem(), signer.Jwk("k")};
    if (kind == KeyKind::kRsa) {
      forms.push_back(signer.Modulus());
      forms.push_back(base::Base64UrlEncode(signer.Modulus()));
    }
    for (const std::string& form : forms) {
      for (const Algorithm algorithm : {Algorithm::kHs256, Algorithm::kHs384, Algorithm::kHs512}) {
        const std::string token = HmacToken(form, algorithm, R"({"sub":"eve"})");
        EXPECT_EQ(Outcome({Pem(signer)}, token), "no_key");
        EXPECT_EQ(Outcome({{std::make_shared<FixedKeys>(KeySetOf({signer.Jwk("k")})), {}}}, token),
                  "no_key");
        // With a secret beside it the algorithm is served, but by that secret.
        EXPECT_EQ(Outcome({Pem(signer), Secret("the real secret")}, token), "bad_signature");
      }
    }
  }
}

TEST(TokenKeysTest, TakesAZeroSignatureFromNobody) {
  // Numbers of zero are what careless ECDSA takes for everything.
  for (const auto& [algorithm, size] :
       {std::pair(Algorithm::kEs256, 64), std::pair(Algorithm::kEs384, 96),
        std::pair(Algorithm::kEs512, 132), std::pair(Algorithm::kEdDsa, 64),
        std::pair(Algorithm::kRs256, 256)}) {
    const std::string header = std::string(R"({"alg":")") + ToString(algorithm) + "\"}";
    const std::string token = Compact(header, "{}", std::string(static_cast<size_t>(size), '\0'));
    EXPECT_EQ(Outcome({Pem(Signer::Of(KindOf(algorithm)))}, token), "bad_signature");
  }
}

TEST(TokenKeysTest, TakesTheKeyThatIsNamed) {
  const Signer& mine = Signer::Of(KeyKind::kP256);
  const Signer other = Signer::Curve("P-256");
  const TokenSource keys{
      std::make_shared<FixedKeys>(KeySetOf({mine.Jwk("mine"), other.Jwk("other")})), {}};
  EXPECT_EQ(Outcome({keys}, mine.Token(Algorithm::kEs256, "{}", "mine")), "accepted");
  EXPECT_EQ(Outcome({keys}, mine.Token(Algorithm::kEs256, "{}")), "accepted");
  EXPECT_EQ(Outcome({keys}, mine.Token(Algorithm::kEs256, "{}", "other")), "bad_signature");
  EXPECT_EQ(Outcome({keys}, mine.Token(Algorithm::kEs256, "{}", "third")), "no_key");
}

TEST(TokenKeysTest, BindsKeysToTheirIssuer) {
  const Signer& a = Signer::Of(KeyKind::kP256);
  const Signer b = Signer::Curve("P-256");
  const std::vector<TokenSource> sources = {
      From({std::make_shared<FixedKeys>(KeySetOf({a.Jwk("a")})), {}}, "issuer-a"),
      From({std::make_shared<FixedKeys>(KeySetOf({b.Jwk("b")})), {}}, "issuer-b")};
  const auto claims = [](const char* issuer) {
    return std::string(R"({"sub":"x","iss":")") + issuer + "\"}";
  };
  EXPECT_EQ(Outcome(sources, a.Token(Algorithm::kEs256, claims("issuer-a"), "a")), "accepted");
  EXPECT_EQ(Outcome(sources, b.Token(Algorithm::kEs256, claims("issuer-b"), "b")), "accepted");
  EXPECT_EQ(Outcome(sources, b.Token(Algorithm::kEs256, claims("issuer-b"))), "accepted");
  // One issuer's key says that the other speaks.
  EXPECT_EQ(Outcome(sources, b.Token(Algorithm::kEs256, claims("issuer-a"), "b")), "wrong_issuer");
  EXPECT_EQ(Outcome(sources, b.Token(Algorithm::kEs256, claims("issuer-a"))), "wrong_issuer");
  EXPECT_EQ(Outcome(sources, b.Token(Algorithm::kEs256, claims("issuer-a"), "a")), "bad_signature");
  EXPECT_EQ(Outcome(sources, b.Token(Algorithm::kEs256, "{}", "b")), "wrong_issuer");
}

TEST(TokenKeysTest, BindsASecretToItsIssuerToo) {
  const std::vector<TokenSource> sources = {From(Secret("ours"), "us"),
                                            From(Secret("theirs"), "them")};
  EXPECT_EQ(Outcome(sources, HmacToken("ours", Algorithm::kHs256, R"({"iss":"us"})")), "accepted");
  EXPECT_EQ(Outcome(sources, HmacToken("theirs", Algorithm::kHs256, R"({"iss":"them"})")),
            "accepted");
  EXPECT_EQ(Outcome(sources, HmacToken("theirs", Algorithm::kHs256, R"({"iss":"us"})")),
            "wrong_issuer");
}

TEST(TokenKeysTest, LetsOneKeyServeTwoIssuers) {
  const Signer& signer = Signer::Of(KeyKind::kP256);
  const std::vector<TokenSource> sources = {From(Pem(signer), "one"), From(Pem(signer), "two")};
  EXPECT_EQ(Outcome(sources, signer.Token(Algorithm::kEs256, R"({"iss":"two"})")), "accepted");
  EXPECT_EQ(Outcome(sources, signer.Token(Algorithm::kEs256, R"({"iss":"three"})")),
            "wrong_issuer");
}

TEST(TokenKeysTest, WritesItsOwnTokensAsItsRulesReadThem) {
  ClaimRules rules;
  rules.issuer = "us";
  rules.audience = "map";
  rules.roles = ClaimPath("realm_access.roles");
  rules.clients = ClaimPath("https://map.example/clients");
  rules.permissions = ClaimPath("scope");
  const auto key = std::make_shared<const SecretKey>("s", std::vector{Algorithm::kHs384});
  const ManualClock clock;
  TokenRequest request;
  request.subject = "alice";
  request.roles = {"admin"};
  request.clients = {"7"};
  request.permissions = {"x"};
  request.issued_at = clock.WallNow();
  request.expires_at = clock.WallNow() + std::chrono::hours(1);
  const TokenVerifier verifier({{std::make_shared<SingleKeySet>(key), rules}}, clock);
  const auto identity = verifier.Verify(MakeToken(request, *key, rules));
  ASSERT_TRUE(identity) << ToString(identity.error());
  EXPECT_TRUE(identity->is_admin());
  EXPECT_EQ(identity->clients, request.clients);
  EXPECT_EQ(identity->permissions, request.permissions);
}

}  // namespace
}  // namespace trackwire::auth
