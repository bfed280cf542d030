#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "gateway/config_keys.h"
#include "gateway/provider_config.h"

namespace trackwire::gateway {

/// One thing that can be set of a provider.
struct ProviderKey {
  std::string name;
  std::string kinds;  ///< those it is for, with spaces around each; empty: all
  std::string type;   ///< for people
  std::string help;
  bool secret = false;
  /// Sets it, or says what is wrong with the value.
  std::function<std::optional<std::string>(ProviderConfig&, const RawValue&)> set;
  std::function<std::string(const ProviderConfig&)> get;

  bool Fits(const std::string& kind) const;
};

/// In the order of the documents. Beside these, `fields` and `headers` are tables.
const std::vector<ProviderKey>& ProviderKeys();
/// `http-json`, `traccar` and so on, with commas between.
std::string ProviderKinds();
bool IsProviderKind(const std::string& kind);

}  // namespace trackwire::gateway
