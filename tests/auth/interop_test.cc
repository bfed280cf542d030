// Tokens and keys that another implementation wrote: vectors/make_pyjwt.py.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "auth/jwk_set.h"
#include "auth/public_key.h"
#include "auth/token.h"
#include "base/json_scanner.h"

namespace trackwire::auth {
namespace {

struct Vector {
  std::string algorithm;
  std::string token;
  std::string jwk;
  std::string pem;
};

const std::vector<Vector>& Vectors() {
  static const std::vector<Vector> vectors = [] {
    std::ifstream file(TRACKWIRE_SOURCE_DIR "/tests/auth/vectors/pyjwt.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto list = base::ScanJson(text);
    EXPECT_TRUE(list);
    std::vector<Vector> out;
    base::JsonArrayReader items(*list);
    while (auto item = items.Next()) {
      const auto member = [&](const char* name) {
        return base::DecodeJsonString(base::FindMember(*item, name)->text);
      };
      out.push_back({member("alg"), member("token"),
                     std::string(base::FindMember(*item, "jwk")->text), member("pem")});
    }
    return out;
  }();
  return vectors;
}

/// Whoever verifies it, the token says this.
void ExpectAlice(const TokenVerifier& verifier, const Vector& vector) {
  const auto identity = verifier.Verify(vector.token);
  ASSERT_TRUE(identity) << vector.algorithm << " " << ToString(identity.error());
  EXPECT_EQ(identity->user, "alice");
  EXPECT_EQ(identity->roles, (std::vector<std::string>{"user", "dispatcher"}));
  EXPECT_EQ(identity->clients, (std::vector<std::string>{"\"acme\"", "7"}));
  EXPECT_EQ(identity->token_id, "a-1");
}

ClaimRules Rules() {
  ClaimRules rules;
  rules.issuer = "https://issuer.example";
  rules.audience = "map";
  return rules;
}

TEST(InteropTest, CoversEveryAlgorithm) { EXPECT_EQ(Vectors().size(), kAlgorithmCount); }

TEST(InteropTest, VerifiesByKeySet) {
  const ManualClock clock;
  for (const Vector& vector : Vectors()) {
    JwkOptions options;
    options.secrets = true;
    options.algorithms = {*ParseAlgorithm(vector.algorithm)};
    auto set = JwkSet::Parse(R"({"keys":[)" + vector.jwk + "]}", options);
    ASSERT_TRUE(set) << set.error().detail;
    Candidates keys;
    (*set)->Find(options.algorithms.front(), vector.algorithm, keys);
    ASSERT_EQ(keys.size(), 1u) << vector.algorithm;
    const std::shared_ptr<const VerificationKey> key(*set, &keys[0]);
    ExpectAlice(TokenVerifier({{std::make_shared<SingleKeySet>(key), Rules()}}, clock), vector);
  }
}

TEST(InteropTest, VerifiesByPem) {
  const ManualClock clock;
  for (const Vector& vector : Vectors()) {
    if (vector.pem.empty()) continue;
    auto key = PublicKey::FromPem(vector.pem, {*ParseAlgorithm(vector.algorithm)});
    ASSERT_TRUE(key) << key.error().detail;
    ExpectAlice(TokenVerifier({{std::make_shared<SingleKeySet>(*key), Rules()}}, clock), vector);
  }
}

TEST(InteropTest, TellsTheVectorsApart) {
  const ManualClock clock;
  for (const Vector& vector : Vectors()) {
    for (const Vector& other : Vectors()) {
      if (other.pem.empty() || other.pem == vector.pem) continue;
      auto key = PublicKey::FromPem(other.pem, {*ParseAlgorithm(other.algorithm)});
      ASSERT_TRUE(key);
      const TokenVerifier verifier({{std::make_shared<SingleKeySet>(*key), Rules()}}, clock);
      EXPECT_FALSE(verifier.Verify(vector.token)) << vector.algorithm << " " << other.algorithm;
    }
  }
}

}  // namespace
}  // namespace trackwire::auth
