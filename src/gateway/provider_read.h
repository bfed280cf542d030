#pragma once

#include <toml++/toml.h>

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/config_keys.h"
#include "gateway/provider_config.h"

namespace trackwire::gateway {

/// A value of TOML that a key may have; nothing for tables, dates and lists of other than texts.
std::optional<RawValue> FromToml(const toml::node& node);
/// `trackwire.toml:12`.
std::string SourceOf(const toml::node& node, const std::string& file);

/// Reads `[[providers]]`. Errors: `bad_config`, naming line and key; never a value that may be a
/// secret.
Result<void> ReadProviders(const toml::node& node, const std::string& file,
                           std::vector<ProviderConfig>& into);

/// What `check-config` shows of the providers; no secrets.
std::string ExplainProviders(const std::vector<ProviderConfig>& providers);

}  // namespace trackwire::gateway
