#include "auth/token_source.h"

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::auth {
namespace {

constexpr std::string_view kBearer = "bearer ";

bool DropBearer(std::string_view& text) {
  if (text.size() < kBearer.size() ||
      !base::EqualsIgnoreCase(text.substr(0, kBearer.size()), kBearer)) {
    return false;
  }
  text = base::Trim(text.substr(kBearer.size()));
  return true;
}

std::string CleanCookie(std::string_view raw) {
  // Frameworks write the space behind `Bearer` as %20; no token has a percent sign of its own.
  const auto decoded = base::PercentDecode(raw, false);
  std::string_view text = base::Trim(decoded ? std::string_view(*decoded) : raw);
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
    text = base::Trim(text.substr(1, text.size() - 2));
  }
  DropBearer(text);
  return std::string(text);
}

std::string TokenOfAuth(std::string_view auth_json) {
  const auto value = base::ScanJson(auth_json);
  if (!value || !value->is_object()) return {};
  const auto token = base::FindMember(*value, "token");
  if (!token || !token->is_string()) return {};
  const std::string decoded = base::DecodeJsonString(token->text);
  std::string_view text = base::Trim(decoded);
  DropBearer(text);
  return std::string(text);
}

}  // namespace

std::optional<PresentedToken> FindToken(const std::optional<std::string>& cookie,
                                        std::string_view auth_json,
                                        const net::http::Headers& headers) {
  if (cookie) {
    std::string token = CleanCookie(*cookie);
    if (!token.empty()) return PresentedToken{std::move(token), "cookie"};
  }
  if (!auth_json.empty()) {
    std::string token = TokenOfAuth(auth_json);
    if (!token.empty()) return PresentedToken{std::move(token), "auth"};
  }
  if (auto token = BearerToken(headers)) return PresentedToken{std::move(*token), "header"};
  return std::nullopt;
}

std::optional<std::string> BearerToken(const net::http::Headers& headers) {
  const auto header = headers.Find("Authorization");
  if (!header) return std::nullopt;
  std::string_view text = base::Trim(*header);
  if (!DropBearer(text) || text.empty()) return std::nullopt;
  return std::string(text);
}

}  // namespace trackwire::auth
