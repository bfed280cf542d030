#include "gateway/token_keys.h"

#include "auth/public_key.h"
#include "auth/secret_file.h"
#include "base/log.h"

namespace trackwire::gateway {
namespace {

constexpr size_t kShortSecretBytes = 32;

std::vector<auth::Algorithm> AlgorithmsOf(const Config& config) {
  std::vector<auth::Algorithm> out;
  for (const std::string& name : config.auth_algorithms) {
    if (const auto algorithm = auth::ParseAlgorithm(name)) out.push_back(*algorithm);
  }
  return out;
}

std::vector<auth::Algorithm> SecretAlgorithms(const Config& config) {
  return auth::OfKind(AlgorithmsOf(config), auth::KeyKind::kSecret);
}

bool IsUrl(const std::string& place) { return place.find("://") != std::string::npos; }

/// Without the query, which may be meant for few.
std::string NameOf(const std::string& place) {
  return IsUrl(place) ? place.substr(0, place.find('?')) : place;
}

Result<std::string> SecretOf(const Config& config) {
  if (config.auth_jwt_secret.empty()) return auth::LoadOrCreateSecret(SecretPath(config));
  if (config.auth_jwt_secret.size() < kShortSecretBytes) {
    base::LogWarn("gateway", "auth.jwt_secret is short enough to be guessed",
                  {{"bytes", config.auth_jwt_secret.size()}, {"advised", kShortSecretBytes}});
  }
  return config.auth_jwt_secret;
}

Result<std::shared_ptr<auth::RefreshedKeySet>> OpenJwks(const Config& config, const Clock& clock) {
  const std::string& place = config.auth_jwks;
  auth::JwkOptions keys;
  keys.algorithms = AlgorithmsOf(config);
  auth::RefreshOptions refresh;
  std::unique_ptr<auth::KeyFetcher> fetcher;
  if (IsUrl(place)) {
    auto made = auth::MakeUrlFetcher(place, {});
    if (!made) return Err("bad_config", "auth.jwks: " + made.error().detail);
    fetcher = std::move(*made);
  } else {
    keys.secrets = true;
    refresh.ttl = std::chrono::minutes(1);
    fetcher = auth::MakeFileFetcher(place, auth::kMaxJwkSetBytes);
  }
  auto set = std::make_shared<auth::RefreshedKeySet>(NameOf(place), std::move(fetcher),
                                                     std::move(keys), refresh, clock);
  if (!IsUrl(place)) {
    auto loaded = set->Load();
    if (!loaded) return Err("bad_config", "auth.jwks: " + loaded.error().detail);
  }
  set->Start();
  return set;
}

}  // namespace

Result<TokenKeys> OpenTokenKeys(const Config& config, const Clock& clock) {
  TokenKeys keys;
  const auto add = [&](std::shared_ptr<auth::KeySet> set) {
    keys.sources.push_back({std::move(set), ClaimRulesOf(config)});
  };
  if (HasSecret(config)) {
    auto secret = SecretOf(config);
    if (!secret) return Err(secret.error());
    keys.secret = SecretKeyOf(config, std::move(*secret));
    add(std::make_shared<auth::SecretKeySet>(keys.secret));
  }
  if (!config.auth_public_key.empty()) {
    auto key = auth::LoadPublicKey(config.auth_public_key, AlgorithmsOf(config));
    if (!key) return Err("bad_config", "auth.public_key: " + key.error().detail);
    add(std::make_shared<auth::SingleKeySet>(std::move(*key)));
  }
  if (!config.auth_jwks.empty()) {
    auto jwks = OpenJwks(config, clock);
    if (!jwks) return Err(jwks.error());
    keys.jwks = std::move(*jwks);
    add(keys.jwks);
  }
  return keys;
}

bool HasSecret(const Config& config) {
  return !config.auth_jwt_secret.empty() ||
         (config.auth_jwks.empty() && config.auth_public_key.empty());
}

std::shared_ptr<const auth::SecretKey> SecretKeyOf(const Config& config, std::string secret) {
  return std::make_shared<const auth::SecretKey>(std::move(secret), SecretAlgorithms(config));
}

auth::ClaimRules ClaimRulesOf(const Config& config) {
  auth::ClaimRules rules;
  rules.issuer = config.auth_issuer;
  rules.audience = config.auth_audience;
  rules.leeway = std::chrono::seconds(config.auth_leeway_s);
  rules.roles = auth::ClaimPath(config.auth_roles_claim);
  rules.clients = auth::ClaimPath(config.auth_clients_claim);
  rules.permissions = auth::ClaimPath(config.auth_permissions_claim);
  return rules;
}

std::string DescribeTokenKeys(const Config& config) {
  std::string out;
  const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
  if (!config.auth_jwt_secret.empty()) add("auth.jwt_secret");
  if (!config.auth_public_key.empty()) add(config.auth_public_key);
  if (!config.auth_jwks.empty()) add(NameOf(config.auth_jwks));
  return out.empty() ? SecretPath(config) : out;
}

std::optional<Error> CheckTokenKeys(const Config& config) {
  if (auth::LooksLikePem(config.auth_jwt_secret)) {
    return Error{"bad_config",
                 "auth.jwt_secret is a key in PEM form, not a secret: name the file of the public "
                 "key in auth.public_key"};
  }
  if (HasSecret(config) && SecretAlgorithms(config).empty()) {
    return Error{
        "bad_config",
        "auth.algorithms: tokens are signed with a secret, for which HS256, HS384 or HS512 "
        "must be named"};
  }
  return std::nullopt;
}

std::optional<std::string> CheckJwksPlace(const std::string& place) {
  if (!IsUrl(place)) return std::nullopt;
  auto checked = auth::CheckKeyUrl(place);
  if (checked) return std::nullopt;
  return checked.error().detail;
}

std::string ShownJwksPlace(const std::string& place) {
  const std::string name = NameOf(place);
  return name.size() == place.size() ? place : name + "?(not shown)";
}

}  // namespace trackwire::gateway
