#include <algorithm>
#include <cmath>
#include <set>

#include "auth/token.h"
#include "base/json_scanner.h"

namespace trackwire::auth {
namespace {

constexpr uint32_t kMaxClaimsDepth = 16;
constexpr size_t kMaxListItems = 256;
constexpr size_t kMaxTextBytes = 256;
// The year 9999, past which no clock of ours counts.
constexpr double kMaxSeconds = 253'402'300'799.0;

using Failure = std::optional<TokenError>;

Failure ReadText(base::JsonValue value, std::string& out) {
  if (!value.is_string()) return TokenError::kBadClaim;
  out = base::DecodeJsonString(value.text);
  if (out.size() > kMaxTextBytes) return TokenError::kBadClaim;
  return std::nullopt;
}

// Issuers write the subject as a string, as the specification says, or as a database's number.
Failure ReadSubject(base::JsonValue value, std::string& out) {
  if (!value.is_number()) return ReadText(value, out);
  const auto number = base::JsonInteger(value);
  if (!number) return TokenError::kBadClaim;
  out = std::to_string(*number);
  return std::nullopt;
}

// Ids stay what they are, so that 7 and "7" differ, in the one spelling used everywhere.
Failure ReadId(base::JsonValue value, std::string& out) {
  if (value.is_number()) {
    const auto number = base::JsonInteger(value);
    if (!number) return TokenError::kBadClaim;
    out = std::to_string(*number);
    return std::nullopt;
  }
  std::string text;
  if (auto failure = ReadText(value, text)) return failure;
  if (text.empty()) return TokenError::kBadClaim;
  out.clear();
  base::AppendJsonString(out, text);
  return std::nullopt;
}

Failure ReadList(base::JsonValue value, std::vector<std::string>& out,
                 Failure (*read)(base::JsonValue, std::string&)) {
  if (!value.is_array()) return TokenError::kBadClaim;
  base::JsonArrayReader items(value);
  while (auto item = items.Next()) {
    if (out.size() == kMaxListItems) return TokenError::kBadClaim;
    std::string text;
    if (auto failure = read(*item, text)) return failure;
    if (std::find(out.begin(), out.end(), text) == out.end()) out.push_back(std::move(text));
  }
  return std::nullopt;
}

Failure ReadTime(base::JsonValue value, std::optional<WallTime>& out) {
  if (!value.is_number()) return TokenError::kBadClaim;
  const auto seconds = base::JsonNumber(value);
  if (!seconds || !std::isfinite(*seconds) || *seconds < 0 || *seconds > kMaxSeconds) {
    return TokenError::kBadClaim;
  }
  out = WallTime(std::chrono::milliseconds(static_cast<int64_t>(*seconds * 1000.0)));
  return std::nullopt;
}

struct Times {
  std::optional<WallTime> not_before;
};

Failure ReadClaim(const base::JsonMember& member, Identity& identity, Times& times) {
  const base::JsonValue value = member.value;
  if (member.KeyIs("sub")) return ReadSubject(value, identity.user);
  if (member.KeyIs("jti")) return ReadText(value, identity.token_id);
  if (member.KeyIs("roles")) return ReadList(value, identity.roles, ReadText);
  if (member.KeyIs("permissions")) return ReadList(value, identity.permissions, ReadText);
  if (member.KeyIs("clients")) return ReadList(value, identity.clients, ReadId);
  if (member.KeyIs("exp")) return ReadTime(value, identity.expires_at);
  if (member.KeyIs("nbf")) return ReadTime(value, times.not_before);
  if (member.KeyIs("role")) {
    std::string role;
    if (auto failure = ReadText(value, role)) return failure;
    if (!identity.HasRole(role)) identity.roles.push_back(std::move(role));
  }
  return std::nullopt;
}

}  // namespace

Result<Identity, TokenError> ParseClaims(std::string_view json, WallTime now) {
  const auto value = base::ScanJson(json, kMaxClaimsDepth);
  if (!value || !value->is_object()) return Err(TokenError::kBadClaims);
  Identity identity;
  identity.authenticated = true;
  Times times;
  std::set<std::string> seen;
  base::JsonObjectReader members(*value);
  while (auto member = members.Next()) {
    if (!seen.insert(base::DecodeJsonString(member->raw_key)).second) {
      return Err(TokenError::kDuplicateClaim);
    }
    if (auto failure = ReadClaim(*member, identity, times)) return Err(*failure);
  }
  if (identity.expires_at && *identity.expires_at + kTokenLeeway <= now) {
    return Err(TokenError::kExpired);
  }
  if (times.not_before && *times.not_before - kTokenLeeway > now) {
    return Err(TokenError::kNotYetValid);
  }
  std::sort(identity.clients.begin(), identity.clients.end());
  return identity;
}

}  // namespace trackwire::auth
