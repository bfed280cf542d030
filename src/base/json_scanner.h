#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace trackwire::base {

/// The ways a JSON text can be wrong.
enum class JsonError : uint8_t {
  kEmpty,           ///< nothing but white space
  kUnexpected,      ///< a byte that cannot stand there
  kTruncated,       ///< the text ends inside a value
  kTrailing,        ///< something follows the value
  kTooDeep,         ///< nested deeper than the limit
  kBadString,       ///< control character or broken escape in a string
  kBadNumber,       ///< not a number by RFC 8259 section 6
  kBadUtf8,         ///< not UTF-8 (RFC 3629)
};
const char* ToString(JsonError error);

enum class JsonType : uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

/// A value inside a scanned text: its type and its bytes, quotes and brackets included.
/// Borrows from the text.
struct JsonValue {
  JsonType type = JsonType::kNull;
  std::string_view text;

  bool is_object() const { return type == JsonType::kObject; }
  bool is_array() const { return type == JsonType::kArray; }
  bool is_string() const { return type == JsonType::kString; }
  bool is_number() const { return type == JsonType::kNumber; }
  bool is_null() const { return type == JsonType::kNull; }
};

/// Nesting allowed unless told otherwise; arrays and objects count alike.
inline constexpr uint32_t kMaxJsonDepth = 64;

/// Checks that `text` is exactly one JSON value with white space around it and returns it.
///
/// The whole text is checked (grammar, UTF-8, depth); nothing is copied or converted. A lone
/// surrogate escape is accepted, as JavaScript accepts it. Linear in `text`, no allocation, no
/// recursion. Any thread.
/// Spec: RFC 8259.
Result<JsonValue, JsonError> ScanJson(std::string_view text, uint32_t max_depth = kMaxJsonDepth);

/// Walks the elements of an array that ScanJson has accepted.
///
/// `for (JsonArrayReader r(array); auto element = r.Next();)`. Borrows from the text.
class JsonArrayReader {
 public:
  explicit JsonArrayReader(JsonValue array);
  /// The next element, or nothing after the last.
  std::optional<JsonValue> Next();

 private:
  std::string_view rest_;
};

/// One member of an object; `raw_key` still has its quotes and escapes.
struct JsonMember {
  std::string_view raw_key;
  JsonValue value;

  /// Compares the key with `name` after undoing escapes. No allocation unless there are escapes.
  bool KeyIs(std::string_view name) const;
};

/// Walks the members of an object that ScanJson has accepted, in the order of the text; a key
/// written twice comes twice.
class JsonObjectReader {
 public:
  explicit JsonObjectReader(JsonValue object);
  std::optional<JsonMember> Next();

 private:
  std::string_view rest_;
};

/// The last member called `name` (as JSON.parse keeps it), if any.
std::optional<JsonValue> FindMember(JsonValue object, std::string_view name);

/// Undoes the escapes of an accepted string. A lone surrogate becomes U+FFFD.
std::string DecodeJsonString(std::string_view raw_string);

/// The number as a double; nothing when it is too large for one. Accepted numbers only.
std::optional<double> JsonNumber(JsonValue value);
/// The number as an integer; nothing when it has a fraction or does not fit.
std::optional<int64_t> JsonInteger(JsonValue value);

/// Appends `text` as a JSON string with quotes. `text` must be UTF-8.
void AppendJsonString(std::string& out, std::string_view text);
/// Appends an array: of texts, or of values that are JSON already.
void AppendJsonArray(std::string& out, const std::vector<std::string>& items, bool items_are_json);
/// Appends a finite number in its shortest form that reads back the same, never in exponent form
/// between 1e-6 and 1e21, as JavaScript prints it.
void AppendJsonNumber(std::string& out, double value);

}  // namespace trackwire::base
