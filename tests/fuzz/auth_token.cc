// Two readings of the input: a token as it came, which must not be accepted unless it is the one
// spelling of what the key signed; and a header and claims, a line each, that the key does sign.
#include <cstdint>
#include <string>
#include <string_view>

#include "auth/token.h"
#include "base/check.h"
#include "base/text.h"

using namespace trackwire;        // NOLINT
using namespace trackwire::auth;  // NOLINT

namespace {

const std::shared_ptr<const SecretKey>& Key() {
  static const auto key = std::make_shared<const SecretKey>(
      "a secret that the corpus knows", std::vector<Algorithm>{Algorithm::kHs256});
  return key;
}

const ClaimRules& Rules() {
  static const ClaimRules rules = [] {
    ClaimRules out;
    out.roles = ClaimPath("access.roles");
    out.permissions = ClaimPath("scope");
    return out;
  }();
  return rules;
}

const TokenVerifier& Verifier() {
  static const ManualClock clock;
  static const TokenVerifier verifier({{std::make_shared<SecretKeySet>(Key()), Rules()}}, clock);
  return verifier;
}

void CheckRaw(std::string_view token) {
  const auto identity = Verifier().Verify(token);
  if (!identity) return;
  const size_t last = token.rfind('.');
  CHECK(last != std::string_view::npos && token.size() <= kMaxTokenBytes);
  const std::string signature = Key()->Sign(Algorithm::kHs256, token.substr(0, last));
  CHECK(token.substr(last + 1) == base::Base64UrlEncode(signature));
}

void CheckSigned(std::string_view header, std::string_view claims) {
  const std::string input = base::Base64UrlEncode(header) + "." + base::Base64UrlEncode(claims);
  const auto identity =
      Verifier().Verify(input + "." + base::Base64UrlEncode(Key()->Sign(Algorithm::kHs256, input)));
  if (!identity) {
    CHECK(identity.error() != TokenError::kBadSignature);
    CHECK(identity.error() != TokenError::kUnknownKey);
    return;
  }
  CHECK(identity->authenticated);
  // Who it is survives being written into a token of our own.
  TokenRequest request{identity->user,    identity->roles,
                       identity->clients, identity->permissions,
                       WallTime(),        Verifier().clock().WallNow() + std::chrono::hours(1)};
  const std::string own = MakeToken(request, *Key(), Rules());
  if (own.size() > kMaxTokenBytes) return;
  const auto again = Verifier().Verify(own);
  CHECK(again && again->user == identity->user && again->roles == identity->roles);
  CHECK(again->clients == identity->clients && again->permissions == identity->permissions);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckRaw(text);
  const size_t line = text.find('\n');
  if (line != std::string_view::npos) CheckSigned(text.substr(0, line), text.substr(line + 1));
  return 0;
}
