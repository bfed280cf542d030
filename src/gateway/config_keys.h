#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/config.h"

namespace trackwire::gateway {

/// A value as a source wrote it: TOML has types, environment and flags have text.
struct RawValue {
  std::variant<std::string, int64_t, double, bool, std::vector<std::string>> value;
  bool typed = false;  ///< from TOML: its type must fit
};

/// One thing that can be set.
struct ConfigKey {
  std::string name;  ///< `auth.jwt_secret`
  std::string type;  ///< for people: `text`, `true or false`, `number 1..64`
  std::string help;
  bool secret = false;
  /// Sets it, or says what is wrong with the value.
  std::function<std::optional<std::string>(Config&, const RawValue&)> set;
  /// The value as text.
  std::function<std::string(const Config&)> get;

  /// `TRACKWIRE_AUTH_JWT_SECRET`.
  std::string VariableName() const;
};

/// All keys in the order of the documents.
const std::vector<ConfigKey>& ConfigKeys();
const ConfigKey* FindConfigKey(std::string_view name);
/// The key most like `name`, for an error message; empty when none is near.
std::string NearestConfigKey(std::string_view name);

/// Checks that go beyond one key. Says what is wrong, naming the keys.
std::optional<Error> CheckTogether(const Config& config);

/// `host:port`, `[::1]:port` or nothing when it is neither.
struct HostPort {
  std::string host;
  uint16_t port = 0;
};
std::optional<HostPort> ParseHostPort(std::string_view text);

}  // namespace trackwire::gateway
