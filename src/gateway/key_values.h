#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/config_keys.h"

namespace trackwire::gateway {

// What the keys of a table such as [[providers]] share: how a value is taken from TOML, and shown.
// Each says what is wrong with the value, or nothing.

std::optional<std::string> TakeText(const RawValue& raw, std::string& into);
std::optional<std::string> TakeFlag(const RawValue& raw, bool& into);
/// `min` and `max` belong to the range.
std::optional<std::string> TakeInteger(const RawValue& raw, int64_t min, int64_t max,
                                       int64_t& into);
/// A whole number will do.
std::optional<std::string> TakeNumber(const RawValue& raw, double min, double max, double& into);

std::string ShowFlag(bool value);
std::string ShowNumber(double value);
/// `1 to 64`.
std::string IntegerRange(int64_t min, int64_t max);
std::string NumberRange(double min, double max);

}  // namespace trackwire::gateway
