#include "auth/jwk_set.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "tests/auth/signer.h"

namespace trackwire::auth {
namespace {

using testing::KeySetOf;
using testing::Signer;

const Signer& Rsa() { return Signer::Of(KeyKind::kRsa); }
const Signer& P256() { return Signer::Of(KeyKind::kP256); }

std::shared_ptr<const JwkSet> Parsed(const std::string& json, const JwkOptions& options = {}) {
  auto set = JwkSet::Parse(json, options);
  EXPECT_TRUE(set) << set.error().detail;
  return set ? *set : nullptr;
}

size_t Found(const JwkSet& set, Algorithm algorithm, std::string_view key_id) {
  Candidates keys;
  set.Find(algorithm, key_id, keys);
  return keys.size();
}

/// Why a set of this one key is refused.
std::string Complaint(const std::string& key, const JwkOptions& options = {}) {
  auto set = JwkSet::Parse(KeySetOf({key}), options);
  return set ? "accepted" : set.error().detail;
}

class EachKindTest : public ::testing::TestWithParam<Algorithm> {};

TEST_P(EachKindTest, VerifiesWithAKeyOfTheSet) {
  const Signer& signer = Signer::Of(KindOf(GetParam()));
  JwkOptions options;
  options.algorithms = {GetParam()};
  const auto set = Parsed(KeySetOf({signer.Jwk("k")}), options);
  Candidates keys;
  set->Find(GetParam(), "k", keys);
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_TRUE(keys[0].Verify(GetParam(), "text", signer.Sign(GetParam(), "text")));
}

INSTANTIATE_TEST_SUITE_P(Asymmetric, EachKindTest,
                         ::testing::Values(Algorithm::kRs256, Algorithm::kRs384, Algorithm::kRs512,
                                           Algorithm::kPs256, Algorithm::kPs384, Algorithm::kPs512,
                                           Algorithm::kEs256, Algorithm::kEs384, Algorithm::kEs512,
                                           Algorithm::kEdDsa),
                         [](const auto& test) { return ToString(test.param); });

TEST(JwkSetTest, FindsKeysByTheirNameAndAlgorithm) {
  const auto set =
      Parsed(KeySetOf({Rsa().Jwk("one"), P256().Jwk("two"), P256().Jwk("one"), Rsa().Jwk("")}));
  EXPECT_EQ(set->size(), 4u);
  EXPECT_EQ(Found(*set, Algorithm::kRs256, "one"), 1u);
  EXPECT_EQ(Found(*set, Algorithm::kEs256, "one"), 1u);
  EXPECT_EQ(Found(*set, Algorithm::kEs256, "two"), 1u);
  EXPECT_EQ(Found(*set, Algorithm::kRs256, "two"), 0u);
  EXPECT_EQ(Found(*set, Algorithm::kRs256, "three"), 0u);
  EXPECT_EQ(Found(*set, Algorithm::kRs256, ""), 2u) << "a token without a name may be any key's";
  EXPECT_EQ(Found(*set, Algorithm::kHs256, "one"), 0u);
  EXPECT_TRUE(set->Has("two"));
  EXPECT_FALSE(set->Has("three"));
}

TEST(JwkSetTest, OffersATokenAFewKeysAtMost) {
  std::string keys = R"({"keys":[)";
  for (int i = 0; i < 20; ++i) keys += (i == 0 ? "" : ",") + P256().Jwk("same");
  EXPECT_EQ(Found(*Parsed(keys + "]}"), Algorithm::kEs256, "same"), Candidates::kMax);
}

TEST(JwkSetTest, BindsKeysToTheAlgorithmTheyName) {
  JwkOptions options;
  options.algorithms = {Algorithm::kRs256, Algorithm::kRs512, Algorithm::kPs256};
  const auto bound = Parsed(KeySetOf({Rsa().Jwk("k", R"(,"alg":"RS512")")}), options);
  EXPECT_EQ(Found(*bound, Algorithm::kRs512, "k"), 1u);
  EXPECT_EQ(Found(*bound, Algorithm::kRs256, "k"), 0u);
  const auto free = Parsed(KeySetOf({Rsa().Jwk("k")}), options);
  EXPECT_EQ(Found(*free, Algorithm::kRs256, "k"), 1u);
  EXPECT_EQ(Found(*free, Algorithm::kPs256, "k"), 1u);
  for (const char* other : {"RS384", "HS256", "none", "ES256", ""}) {
    EXPECT_NE(Complaint(Rsa().Jwk("k", R"(,"alg":")" + std::string(other) + "\""), options),
              "accepted")
        << other;
  }
  // Listed, but of another kind than the key.
  EXPECT_NE(Complaint(P256().Jwk("k", R"(,"alg":"RS256")"), options), "accepted");
}

TEST(JwkSetTest, LeavesOutWhatIsNotForSignatures) {
  const auto set = Parsed(
      KeySetOf({Rsa().Jwk("a", R"(,"use":"enc")"), Rsa().Jwk("b", R"(,"key_ops":["encrypt"])"),
                Rsa().Jwk("c", R"(,"use":"sig","key_ops":["verify"])"),
                R"({"kty":"new","kid":"d"})", "7", "null"}));
  EXPECT_EQ(set->size(), 1u);
  EXPECT_EQ(set->left_out(), 5u);
  EXPECT_TRUE(set->Has("c"));
  EXPECT_NE(set->left_out_because().find("use"), std::string::npos);
}

TEST(JwkSetTest, TakesNoSecretsFromWhereEverybodyReads) {
  const std::string secret =
      R"({"kty":"oct","kid":"s","k":")" + base::Base64UrlEncode("a shared secret") + "\"}";
  EXPECT_NE(Complaint(secret).find("everybody"), std::string::npos);
  JwkOptions own_file;
  own_file.secrets = true;
  const auto set = Parsed(KeySetOf({secret}), own_file);
  EXPECT_EQ(Found(*set, Algorithm::kHs256, "s"), 1u);
  EXPECT_EQ(Found(*set, Algorithm::kHs512, "s"), 0u);
  EXPECT_EQ(Found(*set, Algorithm::kRs256, "s"), 0u);
  EXPECT_NE(Complaint(R"({"kty":"oct","k":""})", own_file), "accepted");
}

TEST(JwkSetTest, TakesNoPrivateKeys) {
  EXPECT_NE(Complaint(P256().Jwk("k", R"(,"d":"AAAA")")).find("private"), std::string::npos);
}

TEST(JwkSetTest, RefusesBrokenKeys) {
  const std::vector<std::string> keys = {
      "{}",
      "[]",
      R"({"kty":"RSA"})",
      R"({"kty":"RSA","n":"AQAB","e":"AQAB"})",
      R"({"kty":"RSA","n":"!","e":"AQAB"})",
      R"({"kty":7})",
      R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})",
      R"({"kty":"EC","crv":"P-256"})",
      R"({"kty":"EC","crv":"secp256k1","x":"AAAA","y":"AAAA"})",
      R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})",
      R"({"kty":"OKP","crv":"Ed448","x":"AAAA"})",
      R"({"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})",
      Signer::Rsa(1'024).Jwk("k"),
      Rsa().Jwk("k", R"(,"kid":"again")"),
      Rsa().Jwk("k", R"(,"use":["sig"])"),
      Rsa().Jwk("k", R"(,"key_ops":"verify")"),
      Rsa().Jwk(std::string(257, 'k')),
      R"({"kty":"RSA","e":"AQAB","n":")" + std::string(4'000, 'A') + "\"}",
  };
  for (const std::string& key : keys) EXPECT_NE(Complaint(key), "accepted") << key;
}

TEST(JwkSetTest, RefusesWhatIsNoSet) {
  const std::string key = P256().Jwk("k");
  std::string many = R"({"keys":[)";
  for (size_t i = 0; i <= kMaxJwkSetKeys; ++i) many += (i == 0 ? "" : ",") + key;
  const std::vector<std::string> texts = {"",
                                          "<html></html>",
                                          "[]",
                                          "{}",
                                          "null",
                                          R"({"keys":{}})",
                                          R"({"keys":[]})",
                                          R"({"keys":null})",
                                          key,
                                          R"({"keys":[)" + key,
                                          R"({"keys":[)" + key + R"(],"keys":[]})",
                                          many + "]}",
                                          KeySetOf({key}) + std::string(kMaxJwkSetBytes, ' '),
                                          std::string(5'000, '[')};
  for (const std::string& text : texts) {
    auto set = JwkSet::Parse(text, {});
    ASSERT_FALSE(set) << text.substr(0, 60);
    EXPECT_EQ(set.error().code, "bad_key_set");
  }
}

}  // namespace
}  // namespace trackwire::auth
