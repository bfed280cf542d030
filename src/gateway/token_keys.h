#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/refreshed_key_set.h"
#include "auth/token.h"
#include "gateway/config.h"

namespace trackwire::gateway {

/// Whose tokens count, by the keys of `auth.`.
struct TokenKeys {
  std::vector<auth::TokenSource> sources;
  /// The one that `auth.jwks` names, started; nullptr when there is none.
  std::shared_ptr<auth::RefreshedKeySet> jwks;
  /// The secret, with which we sign too; nullptr when there is none.
  std::shared_ptr<const auth::SecretKey> secret;
};

/// Opens every source of keys. Without any configured it is the secret beside the database, which
/// is made at first use. A key set behind a URL need not answer now; one in a file must be good.
/// `clock` outlives the sources. Blocks on files.
Result<TokenKeys> OpenTokenKeys(const Config& config, const Clock& clock);

/// Whether tokens are signed with a secret that we have too: a configured one, or our own when no
/// other key is configured.
bool HasSecret(const Config& config);
/// That secret as a key; `secret` is its text.
std::shared_ptr<const auth::SecretKey> SecretKeyOf(const Config& config, std::string secret);
/// What all tokens must claim, and where.
auth::ClaimRules ClaimRulesOf(const Config& config);
/// Where the keys come from, for people.
std::string DescribeTokenKeys(const Config& config);

/// What is wrong with the keys of `auth.` taken together.
std::optional<Error> CheckTokenKeys(const Config& config);
/// What is wrong with a value of `auth.jwks`: the path of a file, or a URL.
std::optional<std::string> CheckJwksPlace(const std::string& place);
/// A value of `auth.jwks` as it may be shown: without the query of a URL, which may hold a key.
std::string ShownJwksPlace(const std::string& place);

}  // namespace trackwire::gateway
