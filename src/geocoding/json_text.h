#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json_scanner.h"

namespace trackwire::geocoding {

/// Writes an object member by member.
class JsonObjectText {
 public:
  JsonObjectText& Text(std::string_view name, std::string_view text);
  JsonObjectText& Number(std::string_view name, double value);
  JsonObjectText& Integer(std::string_view name, int64_t value);
  JsonObjectText& Bool(std::string_view name, bool value);
  /// A value that is JSON already.
  JsonObjectText& Raw(std::string_view name, std::string_view json);
  /// Ends the object; nothing is added after it.
  std::string Take();

 private:
  void Name(std::string_view name);

  std::string out_ = "{";
};

/// The object that `text` is, checked whole; nothing when it is another thing.
std::optional<base::JsonValue> ObjectOf(std::string_view text);
/// Members of an accepted object; nothing when there is none or it has another type.
std::optional<std::string> TextIn(base::JsonValue object, std::string_view name);
std::optional<double> NumberIn(base::JsonValue object, std::string_view name);
std::optional<int64_t> IntegerIn(base::JsonValue object, std::string_view name);
std::optional<WallTime> TimeIn(base::JsonValue object, std::string_view name);
std::optional<base::JsonValue> ObjectIn(base::JsonValue object, std::string_view name);

}  // namespace trackwire::geocoding
