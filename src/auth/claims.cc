#include "auth/claims.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/check.h"

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

Failure ReadFlag(base::JsonValue value, bool& out) {
  if (value.type != base::JsonType::kTrue && value.type != base::JsonType::kFalse) {
    return TokenError::kBadClaim;
  }
  out = value.type == base::JsonType::kTrue;
  return std::nullopt;
}

Failure ReadPermissions(base::JsonValue value, std::vector<std::string>& out) {
  if (!value.is_string()) return ReadList(value, out, ReadText);
  // One text with spaces between, as OAuth 2 writes a scope (RFC 8693 section 4.2).
  const std::string text = base::DecodeJsonString(value.text);
  size_t start = 0;
  while ((start = text.find_first_not_of(' ', start)) != std::string::npos) {
    const size_t end = std::min(text.find(' ', start), text.size());
    if (out.size() == kMaxListItems || end - start > kMaxTextBytes) return TokenError::kBadClaim;
    std::string item = text.substr(start, end - start);
    if (std::find(out.begin(), out.end(), item) == out.end()) out.push_back(std::move(item));
    start = end;
  }
  return std::nullopt;
}

Failure ReadAudience(base::JsonValue value, std::string_view wanted, bool& found) {
  std::vector<std::string> names;
  if (value.is_string()) {
    names.push_back(base::DecodeJsonString(value.text));
  } else if (auto failure = ReadList(value, names, ReadText)) {
    return failure;
  }
  found = std::find(names.begin(), names.end(), wanted) != names.end();
  return std::nullopt;
}

/// Follows the steps behind the first; nothing when there is no such member.
Failure Descend(base::JsonValue value, const std::vector<std::string>& steps,
                std::optional<base::JsonValue>& out) {
  for (size_t i = 1; i < steps.size(); ++i) {
    if (!value.is_object()) return TokenError::kBadClaim;
    std::optional<base::JsonValue> next;
    base::JsonObjectReader members(value);
    while (auto member = members.Next()) {
      if (!member->KeyIs(steps[i])) continue;
      if (next) return TokenError::kDuplicateClaim;
      next = member->value;
    }
    if (!next) return std::nullopt;
    value = *next;
  }
  out = value;
  return std::nullopt;
}

/// A claim whose place is configured.
class Placed {
 public:
  explicit Placed(const ClaimPath& path) : path_(path) {}

  Failure Look(const base::JsonMember& member) {
    const auto& steps = path_.steps();
    if (member.KeyIs(path_.text())) {
      whole_ = member.value;
    } else if (steps.size() > 1 && member.KeyIs(steps.front())) {
      return Descend(member.value, steps, nested_);
    }
    return std::nullopt;
  }
  const std::optional<base::JsonValue>& value() const { return whole_ ? whole_ : nested_; }

 private:
  const ClaimPath& path_;
  std::optional<base::JsonValue> whole_;
  std::optional<base::JsonValue> nested_;
};

class ClaimReader {
 public:
  explicit ClaimReader(const ClaimRules& rules)
      : rules_(rules),
        reads_role_(rules.roles.text() == "roles"),
        roles_(rules.roles),
        clients_(rules.clients),
        permissions_(rules.permissions) {
    identity_.authenticated = true;
    issuer_fits_ = rules.issuer.empty();
    audience_fits_ = rules.audience.empty();
  }

  Failure Read(const base::JsonMember& member) {
    for (Placed* placed : {&roles_, &clients_, &permissions_}) {
      if (auto failure = placed->Look(member)) return failure;
    }
    const base::JsonValue value = member.value;
    if (member.KeyIs("sub")) return ReadSubject(value, identity_.user);
    if (member.KeyIs("jti")) return ReadText(value, identity_.token_id);
    if (member.KeyIs("iat")) return ReadTime(value, identity_.issued_at);
    if (member.KeyIs(kLoginClaim)) return ReadFlag(value, identity_.from_login);
    if (member.KeyIs("exp")) return ReadTime(value, identity_.expires_at);
    if (member.KeyIs("nbf")) return ReadTime(value, not_before_);
    if (reads_role_ && member.KeyIs("role")) return ReadText(value, role_);
    if (!rules_.issuer.empty() && member.KeyIs("iss")) return ReadIssuer(value);
    if (!rules_.audience.empty() && member.KeyIs("aud")) {
      return ReadAudience(value, rules_.audience, audience_fits_);
    }
    return std::nullopt;
  }

  Result<Identity, TokenError> Finish(WallTime now) {
    if (auto failure = ReadLists()) return Err(*failure);
    if (!issuer_fits_) return Err(TokenError::kWrongIssuer);
    if (!audience_fits_) return Err(TokenError::kWrongAudience);
    if (identity_.expires_at && *identity_.expires_at + rules_.leeway <= now) {
      return Err(TokenError::kExpired);
    }
    if (not_before_ && *not_before_ - rules_.leeway > now) return Err(TokenError::kNotYetValid);
    return std::move(identity_);
  }

 private:
  Failure ReadIssuer(base::JsonValue value) {
    if (!value.is_string()) return TokenError::kBadClaim;
    issuer_fits_ = base::DecodeJsonString(value.text) == rules_.issuer;
    return std::nullopt;
  }

  Failure ReadLists() {
    if (roles_.value()) {
      if (auto failure = ReadList(*roles_.value(), identity_.roles, ReadText)) return failure;
    }
    if (!role_.empty() && !identity_.HasRole(role_)) identity_.roles.push_back(std::move(role_));
    if (clients_.value()) {
      if (auto failure = ReadList(*clients_.value(), identity_.clients, ReadId)) return failure;
    }
    std::sort(identity_.clients.begin(), identity_.clients.end());
    if (!permissions_.value()) return std::nullopt;
    return ReadPermissions(*permissions_.value(), identity_.permissions);
  }

  const ClaimRules& rules_;
  const bool reads_role_;
  Placed roles_;
  Placed clients_;
  Placed permissions_;
  std::string role_;
  bool issuer_fits_ = false;
  bool audience_fits_ = false;
  std::optional<WallTime> not_before_;
  Identity identity_;
};

std::optional<std::vector<std::string>> StepsOf(std::string_view text) {
  std::vector<std::string> steps;
  size_t start = 0;
  while (true) {
    const size_t end = std::min(text.find('.', start), text.size());
    if (end == start || steps.size() == ClaimPath::kMaxSteps) return std::nullopt;
    steps.emplace_back(text.substr(start, end - start));
    if (end == text.size()) return steps;
    start = end + 1;
  }
}

}  // namespace

ClaimPath::ClaimPath(std::string text) : text_(std::move(text)) {
  auto steps = StepsOf(text_);
  CHECK(steps.has_value());
  steps_ = std::move(*steps);
}

bool ClaimPath::IsValid(std::string_view text) { return StepsOf(text).has_value(); }

Result<Identity, TokenError> ParseClaims(std::string_view json, const ClaimRules& rules,
                                         WallTime now) {
  const auto value = base::ScanJson(json, kMaxClaimsDepth);
  if (!value || !value->is_object()) return Err(TokenError::kBadClaims);
  ClaimReader reader(rules);
  std::set<std::string> seen;
  base::JsonObjectReader members(*value);
  while (auto member = members.Next()) {
    if (!seen.insert(base::DecodeJsonString(member->raw_key)).second) {
      return Err(TokenError::kDuplicateClaim);
    }
    if (auto failure = reader.Read(*member)) return Err(*failure);
  }
  return reader.Finish(now);
}

}  // namespace trackwire::auth
