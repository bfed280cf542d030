#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_scanner.h"
#include "base/result.h"

namespace trackwire::formats {

/// A value whose members are looked up often: they are walked once. Borrows from the text.
class JsonItem {
 public:
  /// `value` is of a text that base::ScanJson has accepted. Keeps its memory for the next one.
  void Set(base::JsonValue value);
  base::JsonValue value() const { return value_; }
  /// As base::FindMember() says; nothing also for what is no object.
  std::optional<base::JsonValue> Member(std::string_view name) const;

 private:
  base::JsonValue value_;
  std::vector<base::JsonMember> members_;
};

/// A path to a value inside a JSON text, such as `/position/0/lat`; the empty one is the whole.
///
/// Immutable; any thread. Spec: RFC 6901 (not its form as a URI fragment).
class JsonPointer {
 public:
  JsonPointer() = default;
  /// Errors: `bad_pointer`.
  static Result<JsonPointer> Parse(std::string_view text);

  /// The value there, or nothing. `root` is of a text that base::ScanJson has accepted.
  std::optional<base::JsonValue> Find(base::JsonValue root) const;
  std::optional<base::JsonValue> Find(const JsonItem& item) const;
  /// As it was written.
  const std::string& text() const { return text_; }
  bool whole() const { return steps_.empty(); }

 private:
  std::optional<base::JsonValue> FindFrom(std::optional<base::JsonValue> value,
                                          size_t step) const;

  std::string text_;
  std::vector<std::string> steps_;
};

}  // namespace trackwire::formats
