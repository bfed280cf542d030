#include "auth/token.h"

#include <array>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

constexpr uint32_t kMaxTokenDepth = 16;

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
  std::optional<std::string> key_id;
  base::JsonObjectReader members(*value);
  while (auto member = members.Next()) {
    if (member->KeyIs("crit")) return Err(TokenError::kUnsupportedCritical);
    std::optional<std::string>* target = nullptr;
    if (member->KeyIs("alg")) target = &algorithm;
    if (member->KeyIs("kid")) target = &key_id;
    if (target == nullptr) continue;
    if (target->has_value()) return Err(TokenError::kDuplicateClaim);
    if (!member->value.is_string()) return Err(TokenError::kBadHeader);
    *target = base::DecodeJsonString(member->value.text);
  }
  if (!algorithm) return Err(TokenError::kBadHeader);
  const auto known = ParseAlgorithm(*algorithm);
  if (!known) return Err(TokenError::kUnsupportedAlgorithm);
  return Header{*known, key_id.value_or("")};
}

void AppendList(std::string& out, std::string_view name, const std::vector<std::string>& items,
                bool items_are_json) {
  if (items.empty()) return;
  out += ",\"";
  out += name;
  out += "\":";
  base::AppendJsonArray(out, items, items_are_json);
}

std::string Seconds(WallTime time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

}  // namespace

const char* ToString(TokenError error) {
  constexpr std::array<const char*, 13> kNames = {"too_large",
                                                  "not_three_parts",
                                                  "bad_base64",
                                                  "bad_header",
                                                  "unsupported_algorithm",
                                                  "unsupported_critical",
                                                  "no_key",
                                                  "bad_signature",
                                                  "bad_claims",
                                                  "duplicate_claim",
                                                  "bad_claim",
                                                  "expired",
                                                  "not_yet_valid"};
  return kNames[static_cast<size_t>(error)];
}

Result<Identity, TokenError> TokenVerifier::Verify(std::string_view token) const {
  if (token.size() > kMaxTokenBytes) return Err(TokenError::kTooLarge);
  auto parts = Split(token);
  if (!parts) return Err(parts.error());
  const auto header_json = base::Base64UrlDecode(parts->header);
  const auto claims_json = base::Base64UrlDecode(parts->claims);
  const auto signature = base::Base64UrlDecode(parts->signature);
  if (!header_json || !claims_json || !signature) return Err(TokenError::kBadBase64);
  auto header = ParseHeader(*header_json);
  if (!header) return Err(header.error());
  const auto key = keys_->Find(header->algorithm, header->key_id);
  if (key == nullptr || !key->Allows(header->algorithm)) return Err(TokenError::kNoKey);
  if (!key->Verify(header->algorithm, parts->signed_input, *signature)) {
    return Err(TokenError::kBadSignature);
  }
  return ParseClaims(*claims_json, clock_.WallNow());
}

std::string MakeToken(const TokenRequest& request, const SecretKey& key) {
  const Algorithm algorithm = key.preferred();
  const std::string header = std::string(R"({"alg":")") + ToString(algorithm) + R"(","typ":"JWT"})";
  std::string claims = R"({"sub":)";
  base::AppendJsonString(claims, request.subject);
  AppendList(claims, "roles", request.roles, false);
  AppendList(claims, "clients", request.clients, true);
  AppendList(claims, "permissions", request.permissions, false);
  claims += ",\"iat\":" + Seconds(request.issued_at) + ",\"exp\":" + Seconds(request.expires_at);
  claims += R"(,"jti":")" + base::Base64UrlEncode(base::RandomBytes(12)) + "\"}";
  const std::string input = base::Base64UrlEncode(header) + "." + base::Base64UrlEncode(claims);
  return input + "." + base::Base64UrlEncode(key.Sign(algorithm, input));
}

}  // namespace trackwire::auth
