#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json_scanner.h"

namespace trackwire::formats {

/// A finite number, also one that was written as a text: `12.5`, `"12.5"`.
std::optional<double> NumberOf(base::JsonValue value);
/// `true`, `false`, 1, 0, and these four as texts.
std::optional<bool> BoolOf(base::JsonValue value);

/// The members of one JSON object by name and type. What is not there, null or of another type is
/// absent. Borrows from the text.
class JsonObject {
 public:
  /// `object` is an object that base::ScanJson has accepted.
  explicit JsonObject(base::JsonValue object) : object_(object) {}

  std::optional<base::JsonValue> Find(std::string_view name) const;
  std::optional<double> Number(std::string_view name) const;
  /// A number not below zero, for what a source writes as negative when it does not know.
  std::optional<double> Known(std::string_view name) const;
  std::optional<bool> Bool(std::string_view name) const;
  std::optional<std::string> Text(std::string_view name) const;
  /// A text for people; empty when there is none or it is longer than anybody would read.
  std::string Label(std::string_view name) const;
  std::optional<JsonObject> Object(std::string_view name) const;

 private:
  base::JsonValue object_;
};

/// Degrees of direction into 0 <= c < 360; 360 is north, what lies outside is nothing.
std::optional<double> Direction(std::optional<double> degrees);

/// Seconds since the epoch, fractions included; nothing for what is not after it or beyond the
/// year 9999.
std::optional<WallTime> EpochSeconds(double seconds);

/// Gathers the flat JSON object of tracking::Fix::attributes_json, within limits: what exceeds
/// them is left out.
class Attributes {
 public:
  static constexpr size_t kMaxCount = 48;
  static constexpr size_t kMaxTextBytes = 256;
  static constexpr size_t kMaxBytes = 4'096;

  void Add(std::string_view name, double number);
  void Add(std::string_view name, bool yes);
  void Add(std::string_view name, std::string_view text);
  void Add(std::string_view name, const char* text) { Add(name, std::string_view(text)); }
  template <typename T>
  void Add(std::string_view name, const std::optional<T>& value) {
    if (value) Add(name, *value);
  }
  /// A scanned scalar; others and null are left out.
  void AddScalar(std::string_view name, base::JsonValue value);

  /// The object, or nothing at all when it would be empty.
  std::string Take();

 private:
  void AddRaw(std::string_view name, std::string_view json);

  std::string text_;
  size_t count_ = 0;
};

}  // namespace trackwire::formats
