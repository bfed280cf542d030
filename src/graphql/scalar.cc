#include "graphql/scalar.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

namespace trackwire::graphql {
namespace {

using Converted = Result<json::value, std::string>;

/// A whole number, also one that is written with a fraction of zero.
std::optional<int64_t> WholeNumber(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  if (std::trunc(number) != number || std::abs(number) > 9.0e15) return std::nullopt;
  return static_cast<int64_t>(number);
}

Converted ConvertInt(const json::value& value) {
  const auto whole = WholeNumber(value);
  if (!whole) return Err(std::string("is no whole number of 32 bits"));
  if (*whole < std::numeric_limits<int32_t>::min() ||
      *whole > std::numeric_limits<int32_t>::max()) {
    return Err(std::string("does not fit into 32 bits"));
  }
  return json::value(*whole);
}

Converted ConvertFloat(const json::value& value) {
  if (!value.is_number()) return Err(std::string("is no number"));
  const double number = value.is_int64()    ? static_cast<double>(value.get_int64())
                        : value.is_uint64() ? static_cast<double>(value.get_uint64())
                                            : value.get_double();
  if (!std::isfinite(number)) return Err(std::string("is not finite"));
  return json::value(number);
}

Converted ConvertString(const json::value& value) {
  if (!value.is_string()) return Err(std::string("is no text"));
  return value;
}

Converted ConvertBoolean(const json::value& value) {
  if (!value.is_bool()) return Err(std::string("is neither true nor false"));
  return value;
}

Converted ConvertId(const json::value& value) {
  if (value.is_string()) return value;
  if (value.is_uint64()) return json::value(json::string(std::to_string(value.get_uint64())));
  const auto whole = WholeNumber(value);
  if (!whole) return Err(std::string("is neither a text nor a whole number"));
  return json::value(json::string(std::to_string(*whole)));
}

}  // namespace

const Scalars& BuiltInScalars() {
  static const Scalars scalars = {
      {"Int", {ConvertInt, ConvertInt}},
      {"Float", {ConvertFloat, ConvertFloat}},
      {"String", {ConvertString, ConvertString}},
      {"Boolean", {ConvertBoolean, ConvertBoolean}},
      {"ID", {ConvertId, ConvertId}},
  };
  return scalars;
}

}  // namespace trackwire::graphql
