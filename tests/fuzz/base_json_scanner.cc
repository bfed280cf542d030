// The JSON scanner against Boost.JSON: both accept the same texts and see the same values in them.
// The first byte is how deep the text may be nested.
#include <algorithm>
#include <boost/json.hpp>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/json_scanner.h"
#include "tests/fuzz/pieces.h"

using namespace trackwire;  // NOLINT
namespace json = boost::json;

namespace {

/// Members whose lookup by name is tried in each object: more would make it quadratic.
constexpr size_t kLookups = 8;

/// The four hex digits at `at`, or -1.
long Unit(std::string_view text, size_t at) {
  const std::string digits(text.substr(std::min(at, text.size()), 4));
  if (digits.size() != 4 || digits.find_first_not_of("0123456789abcdefABCDEF") != digits.npos) {
    return -1;
  }
  return std::strtol(digits.c_str(), nullptr, 16);
}

bool Between(long value, long least, long most) { return value >= least && value <= most; }

/// The text with U+FFFD for each escape of a lone surrogate: the one thing that the scanner takes
/// and Boost.JSON does not.
std::string WithoutLoneSurrogates(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    if (text[at] != '\\') {
      out += text[at++];
      continue;
    }
    const bool unicode = text.substr(at, 2) == "\\u";
    const long unit = unicode ? Unit(text, at + 2) : -1;
    const bool pair = Between(unit, 0xD800, 0xDBFF) && text.substr(at + 6, 2) == "\\u" &&
                      Between(Unit(text, at + 8), 0xDC00, 0xDFFF);
    if (Between(unit, 0xD800, 0xDFFF) && !pair) {
      out += "\\ufffd";
      at += 6;
      continue;
    }
    const size_t size = std::min(pair ? size_t{12} : size_t{2}, text.size() - at);
    out += text.substr(at, size);
    at += size;
  }
  return out;
}

void SameString(std::string_view raw, std::string_view expected) {
  const std::string text = base::DecodeJsonString(raw);
  CHECK(text == expected);
  std::string written;
  base::AppendJsonString(written, text);
  const auto again = base::ScanJson(written);
  CHECK(again && again->is_string() && again->text == written);
  CHECK(base::DecodeJsonString(written) == text);
}

void SameNumber(base::JsonValue value) {
  const std::string text(value.text);
  const double expected = std::strtod(text.c_str(), nullptr);
  const auto number = base::JsonNumber(value);
  CHECK(number.has_value() == std::isfinite(expected));
  if (number) {
    CHECK(*number == expected);
    std::string written;
    base::AppendJsonNumber(written, *number);
    const auto again = base::ScanJson(written);
    CHECK(again && again->is_number() && base::JsonNumber(*again) == number);
    const double magnitude = std::fabs(expected);
    const bool plain = magnitude == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
    CHECK(plain == (written.find('e') == std::string::npos));
  }
  errno = 0;
  const long long whole = std::strtoll(text.c_str(), nullptr, 10);
  const bool integer = text.find_first_of(".eE") == std::string::npos && errno == 0;
  const auto found = base::JsonInteger(value);
  CHECK(found.has_value() == integer && (!integer || *found == whole));
}

void Same(base::JsonValue value, const json::value& expected);

void SameArray(base::JsonValue value, const json::array& expected) {
  base::JsonArrayReader reader(value);
  for (const json::value& element : expected) {
    const auto next = reader.Next();
    CHECK(next.has_value());
    Same(*next, element);
  }
  CHECK(!reader.Next());
}

/// Of a name written twice both keep the last; the reader shows all of them.
void SameObject(base::JsonValue value, const json::object& expected) {
  std::map<std::string, const char*> last;  // where its value stands
  base::JsonObjectReader reader(value);
  while (auto member = reader.Next()) {
    const std::string name = base::DecodeJsonString(member->raw_key);
    SameString(member->raw_key, name);
    CHECK(member->KeyIs(name) && !member->KeyIs(name + "_"));
    last[name] = member->value.text.data();
  }
  CHECK(last.size() == expected.size());
  size_t lookups = 0;
  for (const auto& [name, place] : last) {
    if (++lookups > kLookups) break;
    const auto found = base::FindMember(value, name);
    CHECK(found && found->text.data() == place);
  }
  base::JsonObjectReader again(value);
  while (auto member = again.Next()) {
    const std::string name = base::DecodeJsonString(member->raw_key);
    if (last.at(name) == member->value.text.data()) Same(member->value, expected.at(name));
  }
}

void Same(base::JsonValue value, const json::value& expected) {
  switch (value.type) {
    case base::JsonType::kNull: CHECK(expected.is_null() && value.text == "null"); return;
    case base::JsonType::kTrue: CHECK(expected.is_bool() && expected.get_bool()); return;
    case base::JsonType::kFalse: CHECK(expected.is_bool() && !expected.get_bool()); return;
    case base::JsonType::kNumber:
      CHECK(expected.is_number());
      SameNumber(value);
      return;
    case base::JsonType::kString:
      CHECK(expected.is_string());
      SameString(value.text, expected.get_string());
      return;
    case base::JsonType::kArray:
      CHECK(expected.is_array());
      SameArray(value, expected.get_array());
      return;
    case base::JsonType::kObject:
      CHECK(expected.is_object());
      SameObject(value, expected.get_object());
      return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint32_t max_depth = data[0] % 72;
  const fuzz::ExactCopy copy({reinterpret_cast<const char*>(data) + 1, size - 1});
  json::parse_options options;
  options.max_depth = max_depth;
  json::error_code error;
  const std::string text = WithoutLoneSurrogates(copy.view());
  const json::value expected = json::parse(text, error, {}, options);
  // A number that the scanner takes by its grammar, and nobody can say what it is.
  if (error == json::error::exponent_overflow) return 0;

  const auto value = base::ScanJson(copy.view(), max_depth);
  CHECK(value.has_value() == !error);
  if (value) {
    Same(*value, expected);
    return 0;
  }
  using base::JsonError;
  const JsonError why = value.error();
  CHECK((why == JsonError::kTooDeep) == (error == json::error::too_deep));
  // To Boost.JSON a digit behind a leading zero is something else that follows.
  const bool trailing = why == JsonError::kTrailing;
  CHECK(trailing == (error == json::error::extra_data) || why == JsonError::kBadNumber);
  // A parser that still waits for more has found nothing wrong; the text may end inside a
  // character, too.
  json::stream_parser waiting({}, options);
  waiting.write(text, error);
  const bool ends = why == JsonError::kTruncated || why == JsonError::kEmpty;
  CHECK(ends == !error || why == JsonError::kBadUtf8);
  return 0;
}
