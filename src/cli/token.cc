#include "auth/token.h"

#include <charconv>
#include <cstdio>

#include "base/json_scanner.h"
#include "cli/commands.h"
#include "gateway/token_keys.h"

namespace trackwire::cli {

std::optional<std::chrono::seconds> ParseDuration(const std::string& text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  const std::string unit(rest, end);
  int64_t factor = 0;
  if (unit.empty() || unit == "s") factor = 1;
  if (unit == "m") factor = 60;
  if (unit == "h") factor = 3'600;
  if (unit == "d") factor = 86'400;
  constexpr int64_t kTenYears = 10LL * 366 * 86'400;
  if (factor == 0 || number > kTenYears / factor) return std::nullopt;
  return std::chrono::seconds(number * factor);
}

std::optional<std::string> ParseClientId(const std::string& text) {
  const auto value = base::ScanJson(text);
  if (value && value->is_number()) {
    const auto number = base::JsonInteger(*value);
    if (!number) return std::nullopt;
    return std::to_string(*number);
  }
  std::string id = text;
  if (value && value->is_string()) id = base::DecodeJsonString(value->text);
  if (id.empty() || id.size() > 128) return std::nullopt;
  std::string json;
  base::AppendJsonString(json, id);
  return json;
}

int MakeToken(const Arguments& arguments, const gateway::Config& config) {
  const auto lifetime = ParseDuration(arguments.expires);
  if (!lifetime) {
    return Complain("--expires: write a lifetime such as 90s, 30m, 24h or 30d", kWrongUsage);
  }
  auth::TokenRequest request;
  request.subject = arguments.subject;
  request.roles = arguments.roles;
  request.permissions = arguments.permissions;
  for (const std::string& client : arguments.clients) {
    auto id = ParseClientId(client);
    if (!id) return Complain("--client: \"" + client + "\" is no id", kWrongUsage);
    request.clients.push_back(std::move(*id));
  }
  auto key = OpenSecret(config);
  if (!key) return Complain(key.error().detail, kFailed);
  request.issued_at = Clock::System().WallNow();
  request.expires_at = request.issued_at + *lifetime;
  std::printf("%s\n", auth::MakeToken(request, **key, gateway::ClaimRulesOf(config)).c_str());
  return kFine;
}

}  // namespace trackwire::cli
