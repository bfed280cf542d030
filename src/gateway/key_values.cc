#include "gateway/key_values.h"

#include <cmath>

#include "base/json_scanner.h"

namespace trackwire::gateway {

std::optional<std::string> TakeText(const RawValue& raw, std::string& into) {
  const auto* text = std::get_if<std::string>(&raw.value);
  if (text == nullptr) return "must be a text in quotes";
  into = *text;
  return std::nullopt;
}

std::optional<std::string> TakeFlag(const RawValue& raw, bool& into) {
  const auto* flag = std::get_if<bool>(&raw.value);
  if (flag == nullptr) return "must be true or false";
  into = *flag;
  return std::nullopt;
}

std::optional<std::string> TakeInteger(const RawValue& raw, int64_t min, int64_t max,
                                       int64_t& into) {
  const auto* number = std::get_if<int64_t>(&raw.value);
  if (number == nullptr || *number < min || *number > max) {
    return "must be a whole number of " + IntegerRange(min, max);
  }
  into = *number;
  return std::nullopt;
}

std::optional<std::string> TakeNumber(const RawValue& raw, double min, double max, double& into) {
  const auto* number = std::get_if<double>(&raw.value);
  const auto* whole = std::get_if<int64_t>(&raw.value);
  const double value = number != nullptr  ? *number
                       : whole != nullptr ? static_cast<double>(*whole)
                                          : std::nan("");
  // What is no number is in no range.
  if (!(value >= min && value <= max)) return "must be a number of " + NumberRange(min, max);
  into = value;
  return std::nullopt;
}

std::string ShowFlag(bool value) { return value ? "true" : "false"; }

std::string ShowNumber(double value) {
  std::string out;
  base::AppendJsonNumber(out, value);
  return out;
}

std::string IntegerRange(int64_t min, int64_t max) {
  return std::to_string(min) + " to " + std::to_string(max);
}

std::string NumberRange(double min, double max) {
  return ShowNumber(min) + " to " + ShowNumber(max);
}

}  // namespace trackwire::gateway
