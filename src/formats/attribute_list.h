#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_scanner.h"

namespace trackwire::formats {

/// Free attributes of a report on their way into a flat JSON object. Bounded: what is too much, too
/// long or not UTF-8 is left out. Of a name given twice the last counts.
class AttributeList {
 public:
  static constexpr size_t kMaxCount = 64;
  static constexpr size_t kMaxNameBytes = 64;
  static constexpr size_t kMaxValueBytes = 512;
  /// Of the object: everybody who sees the tracker gets it, and its history holds it each time.
  static constexpr size_t kMaxBytes = 4'096;

  void AddText(std::string_view name, std::string_view text);
  void AddNumber(std::string_view name, double value);
  void AddBool(std::string_view name, bool value);
  /// A number, true or false where it reads as one, else a text.
  void AddGuessed(std::string_view name, std::string_view text);
  /// A scanned string, number or truth value; others are left out.
  void AddScalar(std::string_view name, base::JsonValue value);

  /// The object; empty when there is nothing in it.
  std::string ToJson() const;

 private:
  void Add(std::string_view name, std::string json);

  std::vector<std::pair<std::string, std::string>> items_;
  size_t bytes_ = 1;  ///< of the object that they make
};

/// The whole of `text` as a finite decimal number; nothing when it is none.
std::optional<double> ReadNumber(std::string_view text);

}  // namespace trackwire::formats
