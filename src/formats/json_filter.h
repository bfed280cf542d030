#pragma once

#include <string>
#include <string_view>

#include "base/json_scanner.h"
#include "base/result.h"
#include "formats/json_pointer.h"

namespace trackwire::formats {

/// Whether two scalars say the same: numbers by value, texts without regard to escapes.
bool SameScalar(base::JsonValue a, base::JsonValue b);

/// One condition of JsonMapping::filter. Immutable; any thread.
class JsonCondition {
 public:
  /// Errors: `bad_filter`.
  static Result<JsonCondition> Parse(const std::string& text);

  bool Holds(const JsonItem& item) const;

 private:
  enum class Test : uint8_t { kThere, kNotThere, kEqual, kNotEqual, kLess, kLessEqual, kMore,
                              kMoreEqual };

  bool Compares(base::JsonValue value) const;

  JsonPointer pointer_;
  Test test_ = Test::kThere;
  std::string value_;  // JSON
};

}  // namespace trackwire::formats
