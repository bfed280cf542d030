#include "auth/token.h"

#include <openssl/sha.h>

#include <array>
#include <atomic>
#include <optional>
#include <set>

#include "auth/jwk_set.h"
#include "base/check.h"
#include "base/json_scanner.h"
#include "base/text.h"
#include "net/loop.h"

namespace trackwire::auth {
namespace {

constexpr uint32_t kMaxTokenDepth = 16;
constexpr size_t kMaxSources = 16;

struct Parts {
  std::string_view header;
  std::string_view claims;
  std::string_view signature;
  std::string_view signed_input;
};

Result<Parts, TokenError> Split(std::string_view token) {
  const size_t first = token.find('.');
  if (first == std::string_view::npos) return Err(TokenError::kNotThreeParts);
  const size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) {
    return Err(TokenError::kNotThreeParts);
  }
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

struct Header {
  Algorithm algorithm = Algorithm::kHs256;
  std::string key_id;
};

Result<Header, TokenError> ParseHeader(std::string_view json) {
  const auto value = base::ScanJson(json, kMaxTokenDepth);
  if (!value || !value->is_object()) return Err(TokenError::kBadHeader);
  std::optional<std::string> algorithm;
  std::string key_id;
  std::set<std::string> seen;
  base::JsonObjectReader members(*value);
  while (auto member = members.Next()) {
    const auto [name, fresh] = seen.insert(base::DecodeJsonString(member->raw_key));
    if (!fresh) return Err(TokenError::kDuplicateClaim);
    // An unencoded payload is signed over other bytes than those we check (RFC 7797).
    if (*name == "crit" || *name == "b64") return Err(TokenError::kUnsupportedCritical);
    if (*name != "alg" && *name != "kid") continue;
    if (!member->value.is_string()) return Err(TokenError::kBadHeader);
    std::string text = base::DecodeJsonString(member->value.text);
    if (*name == "alg") {
      algorithm = std::move(text);
    } else if (text.size() <= kMaxKeyIdBytes) {
      key_id = std::move(text);
    } else {
      return Err(TokenError::kBadHeader);
    }
  }
  if (!algorithm) return Err(TokenError::kBadHeader);
  const auto known = ParseAlgorithm(*algorithm);
  if (!known) return Err(TokenError::kUnsupportedAlgorithm);
  return Header{*known, std::move(key_id)};
}

void AppendList(std::string& out, std::string_view name, const std::vector<std::string>& items,
                bool items_are_json) {
  if (items.empty()) return;
  out += ',';
  base::AppendJsonString(out, name);
  out += ':';
  base::AppendJsonArray(out, items, items_are_json);
}

void AppendText(std::string& out, std::string_view name, const std::string& text) {
  if (text.empty()) return;
  out += ',';
  base::AppendJsonString(out, name);
  out += ':';
  base::AppendJsonString(out, text);
}

std::string Seconds(WallTime time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

/// A fraction counts: who changes a password and signs in at once has a token of the same second.
std::string Milliseconds(WallTime time) {
  const int64_t ms =
      std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
  std::string fraction = std::to_string(1000 + ms % 1000);
  fraction[0] = '.';
  return std::to_string(ms / 1000) + fraction;
}

/// Names a token that has no name of its own.
std::string DigestOf(std::string_view signed_input) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(signed_input.data()), signed_input.size(),
         digest.data());
  return "sha256:" + base::Base64UrlEncode(std::string_view(
                         reinterpret_cast<const char*>(digest.data()), digest.size()));
}

/// Waits for several sets of keys; whoever ends last goes on.
struct Lookup {
  std::atomic<size_t> missing{1};  // one for who asks
  UniqueFunction<void()> done;

  void Arrived() {
    if (missing.fetch_sub(1, std::memory_order_acq_rel) == 1) done();
  }
};

}  // namespace

const char* ToString(TokenError error) {
  constexpr std::array<const char*, 20> kNames = {
      "too_large",    "not_three_parts",       "bad_base64",
      "bad_header",   "unsupported_algorithm", "unsupported_critical",
      "no_key",       "unknown_key",           "bad_signature",
      "bad_claims",   "duplicate_claim",       "bad_claim",
      "wrong_issuer", "wrong_audience",        "expired",
      "not_yet_valid", "revoked",              "unknown_account",
      "account_disabled", "logged_out"};
  return kNames[static_cast<size_t>(error)];
}

struct TokenVerifier::Parsed {
  Header header;
  std::string claims;
  std::string signature;
  std::string_view signed_input;  ///< borrowed from the token
};

TokenVerifier::TokenVerifier(std::vector<TokenSource> sources, const Clock& clock)
    : sources_(std::move(sources)), clock_(clock) {
  CHECK(sources_.size() <= kMaxSources);
}

TokenVerifier::TokenVerifier(std::shared_ptr<KeySet> keys, const Clock& clock) : clock_(clock) {
  sources_.push_back({std::move(keys), {}});
}

Result<TokenVerifier::Parsed, TokenError> TokenVerifier::Parse(std::string_view token) {
  if (token.size() > kMaxTokenBytes) return Err(TokenError::kTooLarge);
  auto parts = Split(token);
  if (!parts) return Err(parts.error());
  const auto header_json = base::Base64UrlDecode(parts->header);
  auto claims = base::Base64UrlDecode(parts->claims);
  auto signature = base::Base64UrlDecode(parts->signature);
  if (!header_json || !claims || !signature) return Err(TokenError::kBadBase64);
  auto header = ParseHeader(*header_json);
  if (!header) return Err(header.error());
  return Parsed{std::move(*header), std::move(*claims), std::move(*signature), parts->signed_input};
}

Result<Identity, TokenError> TokenVerifier::Check(const Parsed& token) const {
  const auto& [algorithm, key_id] = token.header;
  TokenError error = TokenError::kNoKey;
  bool may_learn = false;
  size_t checks = 0;
  for (const TokenSource& source : sources_) {
    Candidates keys;
    source.keys->Find(algorithm, key_id, keys);
    may_learn = may_learn || (keys.size() == 0 && source.keys->Learns(algorithm));
    for (size_t i = 0; i < keys.size() && checks < Candidates::kMax; ++i, ++checks) {
      if (!keys[i].Verify(algorithm, token.signed_input, token.signature)) {
        // Says less than that the key of another issuer fits.
        if (error == TokenError::kNoKey) error = TokenError::kBadSignature;
        continue;
      }
      auto identity = ParseClaims(token.claims, source.rules, clock_.WallNow());
      const bool elsewhere = !identity && (identity.error() == TokenError::kWrongIssuer ||
                                           identity.error() == TokenError::kWrongAudience);
      // The same key may serve another source whose issuer or audience it is.
      if (!elsewhere) return Judge(std::move(identity), token);
      error = identity.error();
      break;
    }
  }
  const bool unsigned_by_ours = error == TokenError::kNoKey || error == TokenError::kBadSignature;
  return Err(may_learn && unsigned_by_ours ? TokenError::kUnknownKey : error);
}

void TokenVerifier::AddCheck(IdentityCheck check) { checks_.push_back(std::move(check)); }

Result<Identity, TokenError> TokenVerifier::Judge(Result<Identity, TokenError> identity,
                                                  const Parsed& token) const {
  if (!identity) return identity;
  if (identity->token_id.empty()) identity->token_id = DigestOf(token.signed_input);
  if (auto error = Recheck(*identity)) return Err(*error);
  return identity;
}

std::optional<TokenError> TokenVerifier::Recheck(Identity& identity) const {
  for (const IdentityCheck& check : checks_) {
    if (auto error = check(identity)) return error;
  }
  return std::nullopt;
}

Result<Identity, TokenError> TokenVerifier::Verify(std::string_view token) const {
  auto parsed = Parse(token);
  if (!parsed) return Err(parsed.error());
  return Check(*parsed);
}

void TokenVerifier::VerifySoon(std::string token, net::Loop& loop, Done done) const {
  auto parsed = Parse(token);
  if (!parsed) return done(Err(parsed.error()));
  auto identity = Check(*parsed);
  if (identity || identity.error() != TokenError::kUnknownKey) return done(std::move(identity));
  auto lookup = std::make_shared<Lookup>();
  size_t asked = 0;
  for (const TokenSource& source : sources_) {
    if (!source.keys->Learns(parsed->header.algorithm)) continue;
    lookup->missing.fetch_add(1, std::memory_order_relaxed);
    if (source.keys->Refresh(parsed->header.key_id, [lookup] { lookup->Arrived(); })) {
      ++asked;
    } else {
      lookup->missing.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  if (asked == 0) return done(Err(TokenError::kNoKey));
  // Nobody runs it before our own Arrived() below, which makes it visible to whoever does.
  lookup->done = [this, &loop, token = std::move(token), done = std::move(done)]() mutable {
    loop.Post([this, token = std::move(token), done = std::move(done)] {
      auto again = Verify(token);
      if (!again && again.error() == TokenError::kUnknownKey) again = Err(TokenError::kNoKey);
      done(std::move(again));
    });
  };
  lookup->Arrived();
}

std::string MakeToken(const TokenRequest& request, const SecretKey& key, const ClaimRules& rules) {
  const Algorithm algorithm = key.preferred();
  const std::string header = std::string(R"({"alg":")") + ToString(algorithm) + R"(","typ":"JWT"})";
  std::string claims = R"({"sub":)";
  base::AppendJsonString(claims, request.subject);
  AppendText(claims, "iss", rules.issuer);
  AppendText(claims, "aud", rules.audience);
  AppendList(claims, rules.roles.text(), request.roles, false);
  AppendList(claims, rules.clients.text(), request.clients, true);
  AppendList(claims, rules.permissions.text(), request.permissions, false);
  if (request.login) claims += ",\"" + std::string(kLoginClaim) + "\":true";
  claims += ",\"iat\":" + Milliseconds(request.issued_at) + ",\"exp\":" + Seconds(request.expires_at);
  claims += R"(,"jti":")" + base::Base64UrlEncode(base::RandomBytes(12)) + "\"}";
  const std::string input = base::Base64UrlEncode(header) + "." + base::Base64UrlEncode(claims);
  return input + "." + base::Base64UrlEncode(key.Sign(algorithm, input));
}

}  // namespace trackwire::auth
