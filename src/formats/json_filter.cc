#include "formats/json_filter.h"

#include <array>
#include <utility>

#include "base/text.h"
#include "formats/json_object.h"

namespace trackwire::formats {
namespace {

bool IsScalar(base::JsonValue value) { return !value.is_array() && !value.is_object(); }

/// There and not null, false, or without content.
bool IsThere(std::optional<base::JsonValue> value) {
  if (!value || value->is_null() || value->type == base::JsonType::kFalse) return false;
  if (value->is_string()) return value->text != "\"\"";
  if (value->is_array()) return base::JsonArrayReader(*value).Next().has_value();
  if (value->is_object()) return base::JsonObjectReader(*value).Next().has_value();
  return true;
}

}  // namespace

bool SameScalar(base::JsonValue a, base::JsonValue b) {
  if (a.is_number() && b.is_number()) return base::JsonNumber(a) == base::JsonNumber(b);
  if (a.type != b.type || !IsScalar(a)) return false;
  if (!a.is_string()) return true;
  return a.text == b.text || base::DecodeJsonString(a.text) == base::DecodeJsonString(b.text);
}

Result<JsonCondition> JsonCondition::Parse(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, Test>, 6> kTests{{{"==", Test::kEqual},
                                                                     {"!=", Test::kNotEqual},
                                                                     {"<=", Test::kLessEqual},
                                                                     {">=", Test::kMoreEqual},
                                                                     {"<", Test::kLess},
                                                                     {">", Test::kMore}}};
  JsonCondition condition;
  std::string_view rest = base::Trim(text);
  if (rest.starts_with('!')) {
    condition.test_ = Test::kNotThere;
    rest = base::Trim(rest.substr(1));
  }
  const size_t space = std::min(rest.find(' '), rest.size());
  // Else a forgotten space would make a condition that never holds.
  if (rest.substr(0, space).find_first_of("=<>") != std::string_view::npos) {
    return Err("bad_filter", "\"" + text + "\" needs a space before the comparison");
  }
  auto pointer = JsonPointer::Parse(rest.substr(0, space));
  if (!pointer) return Err("bad_filter", pointer.error().detail);
  condition.pointer_ = std::move(*pointer);
  rest = base::Trim(rest.substr(space));
  if (rest.empty()) return condition;
  for (const auto& [sign, test] : kTests) {
    if (!rest.starts_with(sign)) continue;
    const auto value = base::ScanJson(rest.substr(sign.size()));
    const bool orders = test != Test::kEqual && test != Test::kNotEqual;
    if (!value || !IsScalar(*value) || (orders && !value->is_number()) ||
        condition.test_ == Test::kNotThere) {
      break;
    }
    condition.test_ = test;
    condition.value_ = value->text;
    return condition;
  }
  return Err("bad_filter", "\"" + text + "\" is no condition such as /type == \"bus\"");
}

bool JsonCondition::Holds(const JsonItem& item) const {
  const auto value = pointer_.Find(item);
  switch (test_) {
    case Test::kThere: return IsThere(value);
    case Test::kNotThere: return !IsThere(value);
    case Test::kNotEqual: return !value || !SameScalar(*value, *base::ScanJson(value_));
    default: return value && Compares(*value);
  }
}

bool JsonCondition::Compares(base::JsonValue value) const {
  const base::JsonValue other = *base::ScanJson(value_);
  if (test_ == Test::kEqual) return SameScalar(value, other);
  const auto number = NumberOf(value);
  if (!number) return false;
  const double limit = base::JsonNumber(other).value_or(0);
  switch (test_) {
    case Test::kLess: return *number < limit;
    case Test::kLessEqual: return *number <= limit;
    case Test::kMore: return *number > limit;
    default: return *number >= limit;
  }
}

}  // namespace trackwire::formats
