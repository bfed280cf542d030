// Checking a JSON Web Token whole: form, signature, claims.
#include <benchmark/benchmark.h>

#include "auth/key_set.h"
#include "auth/public_key.h"
#include "auth/token.h"
#include "base/check.h"
#include "base/clock.h"
#include "tests/auth/signer.h"

namespace trackwire::bench {
namespace {

using auth::Algorithm;

constexpr const char* kClaims =
    R"({"sub":"someone@example.com","iat":1700000000,"exp":4100000000,"roles":["dispatcher"],)"
    R"("clients":["acme",7]})";
constexpr const char* kSecret = "a-secret-of-32-bytes-or-even-more";

void Check(benchmark::State& state, std::shared_ptr<const auth::VerificationKey> key,
           const std::string& token) {
  const auth::TokenVerifier verifier(std::make_shared<auth::SingleKeySet>(std::move(key)),
                                     Clock::System());
  for (auto _ : state) {
    auto identity = verifier.Verify(token);
    CHECK(identity && identity->HasRole("dispatcher"));
    benchmark::DoNotOptimize(identity);
  }
}

void TokenHs256(benchmark::State& state) {
  const auto key = std::make_shared<auth::SecretKey>(kSecret, std::vector{Algorithm::kHs256});
  auth::TokenRequest request;
  request.subject = "someone@example.com";
  request.roles = {"dispatcher"};
  request.clients = {"\"acme\"", "7"};
  request.issued_at = Clock::System().WallNow();
  request.expires_at = request.issued_at + std::chrono::hours(1);
  Check(state, key, auth::MakeToken(request, *key));
}
BENCHMARK(TokenHs256);

void CheckSigned(benchmark::State& state, auth::KeyKind kind, Algorithm algorithm) {
  const auto& signer = auth::testing::Signer::Of(kind);
  const auto key = auth::PublicKey::FromPem(signer.PublicPem(), {algorithm});
  CHECK(key);
  Check(state, *key, signer.Token(algorithm, kClaims));
}

void TokenRs256(benchmark::State& state) {
  CheckSigned(state, auth::KeyKind::kRsa, Algorithm::kRs256);
}
BENCHMARK(TokenRs256);

void TokenEs256(benchmark::State& state) {
  CheckSigned(state, auth::KeyKind::kP256, Algorithm::kEs256);
}
BENCHMARK(TokenEs256);

void TokenEdDsa(benchmark::State& state) {
  CheckSigned(state, auth::KeyKind::kEd25519, Algorithm::kEdDsa);
}
BENCHMARK(TokenEdDsa);

}  // namespace
}  // namespace trackwire::bench
