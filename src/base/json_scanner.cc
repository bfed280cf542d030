#include "base/json_scanner.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "base/text.h"

namespace trackwire::base {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) {
  return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

const char* SkipSpace(const char* at, const char* end) {
  while (at != end && IsSpace(*at)) ++at;
  return at;
}

// Bytes that a string takes without a closer look: printable ASCII but quote and backslash.
constexpr std::array<bool, 256> MakePlainTable() {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x80; ++c) plain[static_cast<size_t>(c)] = c != '"' && c != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = MakePlainTable();

// The length of the UTF-8 character at `at`, 0 when it is none (RFC 3629 section 4).
int Utf8Length(const char* at, const char* end) {
  const auto byte = [&](int i) { return static_cast<unsigned char>(at[i]); };
  const auto tail = [&](int i) { return (byte(i) & 0xC0) == 0x80; };
  const long left = end - at;
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  if (first < 0xC2) return 0;
  if (first < 0xE0) return left >= 2 && tail(1) ? 2 : 0;
  if (first < 0xF0) {
    if (left < 3 || !tail(1) || !tail(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;
    if (first == 0xED && byte(1) > 0x9F) return 0;
    return 3;
  }
  if (first > 0xF4 || left < 4 || !tail(1) || !tail(2) || !tail(3)) return 0;
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0;
  return 4;
}

JsonType TypeOf(char first) {
  switch (first) {
    case '{': return JsonType::kObject;
    case '[': return JsonType::kArray;
    case '"': return JsonType::kString;
    case 't': return JsonType::kTrue;
    case 'f': return JsonType::kFalse;
    case 'n': return JsonType::kNull;
    default: return JsonType::kNumber;
  }
}

// One pass over a text with an explicit stack of bits: whether each open bracket is an object.
class Scanner {
 public:
  Scanner(const char* at, const char* end, uint32_t max_depth)
      : at_(at), end_(end), max_depth_(max_depth) {}

  Result<JsonType, JsonError> Value() {
    if (at_ == end_) return Err(JsonError::kTruncated);
    const JsonType type = TypeOf(*at_);
    if (type == JsonType::kArray || type == JsonType::kObject) {
      if (auto failed = Nested()) return Err(*failed);
    } else if (auto failed = Scalar()) {
      return Err(*failed);
    }
    return type;
  }

  const char* at() const { return at_; }

 private:
  using Failure = std::optional<JsonError>;

  Failure Scalar() {
    switch (*at_) {
      case '"': return String();
      case 't': return Word("true");
      case 'f': return Word("false");
      case 'n': return Word("null");
      default: return Number();
    }
  }

  Failure Word(std::string_view word) {
    for (char expected : word) {
      if (at_ == end_) return JsonError::kTruncated;
      if (*at_ != expected) return JsonError::kUnexpected;
      ++at_;
    }
    return {};
  }

  Failure Digits() {
    if (at_ == end_) return JsonError::kTruncated;
    if (!IsDigit(*at_)) return JsonError::kBadNumber;
    while (at_ != end_ && IsDigit(*at_)) ++at_;
    return {};
  }

  Failure Number() {
    if (*at_ == '-') {
      ++at_;
    } else if (!IsDigit(*at_)) {
      return JsonError::kUnexpected;
    }
    const char* first = at_;
    if (auto failed = Digits()) return failed;
    if (*first == '0' && at_ - first > 1) return JsonError::kBadNumber;
    if (at_ != end_ && *at_ == '.') {
      ++at_;
      if (auto failed = Digits()) return failed;
    }
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
      ++at_;
      if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (auto failed = Digits()) return failed;
    }
    return {};
  }

  Failure Escape() {
    ++at_;
    if (at_ == end_) return JsonError::kTruncated;
    const char kind = *at_++;
    if (kind == 'u') {
      for (int i = 0; i < 4; ++i, ++at_) {
        if (at_ == end_) return JsonError::kTruncated;
        if (!IsHex(*at_)) return JsonError::kBadString;
      }
      return {};
    }
    return std::strchr("\"\\/bfnrt", kind) != nullptr && kind != '\0' ? Failure{}
                                                                      : JsonError::kBadString;
  }

  Failure String() {
    ++at_;
    while (true) {
      while (at_ != end_ && kPlain[static_cast<unsigned char>(*at_)]) ++at_;
      if (at_ == end_) return JsonError::kTruncated;
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        ++at_;
        return {};
      }
      if (c == '\\') {
        if (auto failed = Escape()) return failed;
      } else if (c < 0x20) {
        return JsonError::kBadString;
      } else {
        const int length = Utf8Length(at_, end_);
        if (length == 0) return JsonError::kBadUtf8;
        at_ += length;
      }
    }
  }

  bool InObject() const {
    return (stack_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1) != 0;
  }

  Failure Open(bool object) {
    if (depth_ >= max_depth_ || depth_ >= stack_.size() * 64) return JsonError::kTooDeep;
    const uint64_t bit = uint64_t{1} << (depth_ % 64);
    uint64_t& word = stack_[depth_ / 64];
    if (bit == 1) word = 0;
    word = object ? word | bit : word & ~bit;
    ++depth_;
    ++at_;
    return {};
  }

  // A member's key and colon.
  Failure Key() {
    at_ = SkipSpace(at_, end_);
    if (at_ == end_) return JsonError::kTruncated;
    if (*at_ != '"') return JsonError::kUnexpected;
    if (auto failed = String()) return failed;
    at_ = SkipSpace(at_, end_);
    if (at_ == end_) return JsonError::kTruncated;
    if (*at_ != ':') return JsonError::kUnexpected;
    ++at_;
    return {};
  }

  // After a value: the comma, or the closing brackets. True in `more` when a value follows.
  Failure AfterValue(bool& more) {
    while (depth_ > 0) {
      at_ = SkipSpace(at_, end_);
      if (at_ == end_) return JsonError::kTruncated;
      if (*at_ == ',') {
        ++at_;
        more = true;
        return InObject() ? Key() : Failure{};
      }
      if (*at_ != (InObject() ? '}' : ']')) return JsonError::kUnexpected;
      ++at_;
      --depth_;
    }
    more = false;
    return {};
  }

  // Brackets at `at_` and everything inside them.
  Failure Nested() {
    bool more = true;
    while (more) {
      at_ = SkipSpace(at_, end_);
      if (at_ == end_) return JsonError::kTruncated;
      if (*at_ == '{' || *at_ == '[') {
        const bool object = *at_ == '{';
        if (auto failed = Open(object)) return failed;
        at_ = SkipSpace(at_, end_);
        if (at_ != end_ && *at_ == (object ? '}' : ']')) {
          ++at_;
          --depth_;
        } else if (object) {
          if (auto failed = Key()) return failed;
          continue;
        } else {
          continue;
        }
      } else if (auto failed = Scalar()) {
        return failed;
      }
      if (auto failed = AfterValue(more)) return failed;
    }
    return {};
  }

  const char* at_;
  const char* end_;
  uint32_t max_depth_;
  uint32_t depth_ = 0;
  std::array<uint64_t, 64> stack_;  // 4,096 levels; a word is cleared when the first level in it opens
};

// The end of the accepted value that starts at `at`, found without checking it again.
const char* SkipValue(const char* at, const char* end) {
  int depth = 0;
  while (at != end) {
    switch (*at) {
      case '"':
        for (++at; *at != '"'; ++at) {
          if (*at == '\\') ++at;
        }
        break;
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (depth == 0) return at;
        --depth;
        break;
      case ',':
      case ' ':
      case '\t':
      case '\n':
      case '\r':
      case ':':
        if (depth == 0) return at;
        break;
      default: break;
    }
    ++at;
    if (depth == 0 && (at[-1] == '"' || at[-1] == '}' || at[-1] == ']')) return at;
  }
  return at;
}

// Takes the value at the front of `rest` and what separates it from the next.
JsonValue TakeValue(std::string_view& rest) {
  const char* begin = rest.data();
  const char* end = begin + rest.size();
  const char* stop = SkipValue(begin, end);
  const JsonValue value{TypeOf(*begin), {begin, static_cast<size_t>(stop - begin)}};
  const char* next = SkipSpace(stop, end);
  if (next != end && *next == ',') next = SkipSpace(next + 1, end);
  rest = {next, static_cast<size_t>(end - next)};
  return value;
}

std::string_view Inside(std::string_view brackets) {
  return Trim(brackets.substr(1, brackets.size() - 2));
}

uint32_t HexQuad(const char* at) {
  uint32_t value = 0;
  std::from_chars(at, at + 4, value, 16);
  return value;
}

void AppendUtf8(std::string& out, uint32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// The character of a \u escape whose four digits start at `at`; moves past a second half.
uint32_t TakeEscapedUnit(const char*& at, const char* end) {
  const uint32_t unit = HexQuad(at);
  at += 4;
  if (unit < 0xD800 || unit > 0xDFFF) return unit;
  if (unit < 0xDC00 && end - at >= 6 && at[0] == '\\' && at[1] == 'u') {
    const uint32_t low = HexQuad(at + 2);
    if (low >= 0xDC00 && low <= 0xDFFF) {
      at += 6;
      return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    }
  }
  return 0xFFFD;
}

}  // namespace

const char* ToString(JsonError error) {
  switch (error) {
    case JsonError::kEmpty: return "empty";
    case JsonError::kUnexpected: return "unexpected character";
    case JsonError::kTruncated: return "ends inside a value";
    case JsonError::kTrailing: return "something follows the value";
    case JsonError::kTooDeep: return "nested too deep";
    case JsonError::kBadString: return "broken string";
    case JsonError::kBadNumber: return "broken number";
    case JsonError::kBadUtf8: return "not UTF-8";
  }
  return "unknown";
}

Result<JsonValue, JsonError> ScanJson(std::string_view text, uint32_t max_depth) {
  const char* end = text.data() + text.size();
  const char* begin = SkipSpace(text.data(), end);
  if (begin == end) return Err(JsonError::kEmpty);
  Scanner scanner(begin, end, max_depth);
  auto type = scanner.Value();
  if (!type) return Err(type.error());
  if (SkipSpace(scanner.at(), end) != end) return Err(JsonError::kTrailing);
  return JsonValue{*type, {begin, static_cast<size_t>(scanner.at() - begin)}};
}

JsonArrayReader::JsonArrayReader(JsonValue array) : rest_(Inside(array.text)) {
  CHECK(array.is_array());
}

std::optional<JsonValue> JsonArrayReader::Next() {
  if (rest_.empty()) return {};
  return TakeValue(rest_);
}

JsonObjectReader::JsonObjectReader(JsonValue object) : rest_(Inside(object.text)) {
  CHECK(object.is_object());
}

std::optional<JsonMember> JsonObjectReader::Next() {
  if (rest_.empty()) return {};
  const char* end = rest_.data() + rest_.size();
  const char* key_end = SkipValue(rest_.data(), end);
  const std::string_view key(rest_.data(), static_cast<size_t>(key_end - rest_.data()));
  const char* value = SkipSpace(SkipSpace(key_end, end) + 1, end);
  rest_ = {value, static_cast<size_t>(end - value)};
  return JsonMember{key, TakeValue(rest_)};
}

bool JsonMember::KeyIs(std::string_view name) const {
  const std::string_view inside = raw_key.substr(1, raw_key.size() - 2);
  if (inside.find('\\') == std::string_view::npos) return inside == name;
  return DecodeJsonString(raw_key) == name;
}

std::optional<JsonValue> FindMember(JsonValue object, std::string_view name) {
  std::optional<JsonValue> found;
  JsonObjectReader reader(object);
  while (auto member = reader.Next()) {
    if (member->KeyIs(name)) found = member->value;
  }
  return found;
}

std::string DecodeJsonString(std::string_view raw_string) {
  const char* at = raw_string.data() + 1;
  const char* end = raw_string.data() + raw_string.size() - 1;
  std::string out;
  out.reserve(static_cast<size_t>(end - at));
  while (at < end) {
    if (*at != '\\') {
      out += *at++;
      continue;
    }
    const char kind = at[1];
    at += 2;
    switch (kind) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': AppendUtf8(out, TakeEscapedUnit(at, end)); break;
      default: out += kind; break;
    }
  }
  return out;
}

std::optional<double> JsonNumber(JsonValue value) {
  if (!value.is_number()) return {};
  double number = 0;
  const auto [stop, error] =
      std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
  // from_chars does not say whether the number was too large or too small; strtod does.
  if (error == std::errc::result_out_of_range) {
    number = std::strtod(std::string(value.text).c_str(), nullptr);
  }
  if (!std::isfinite(number)) return {};
  return number;
}

std::optional<int64_t> JsonInteger(JsonValue value) {
  if (!value.is_number()) return {};
  int64_t number = 0;
  const char* end = value.text.data() + value.text.size();
  const auto [stop, error] = std::from_chars(value.text.data(), end, number);
  if (error != std::errc() || stop != end) return {};
  return number;
}

void AppendJsonString(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20) {
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  out += '"';
}

void AppendJsonArray(std::string& out, const std::vector<std::string>& items,
                     bool items_are_json) {
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ',';
    if (items_are_json) {
      out += items[i];
    } else {
      AppendJsonString(out, items[i]);
    }
  }
  out += ']';
}

void AppendJsonNumber(std::string& out, double value) {
  CHECK(std::isfinite(value));
  const double magnitude = std::fabs(value);
  const bool fixed = value == 0 || (magnitude >= 1e-6 && magnitude < 1e21);
  std::array<char, 64> text;
  const auto [end, error] =
      std::to_chars(text.data(), text.data() + text.size(), value == 0 ? 0.0 : value,
                    fixed ? std::chars_format::fixed : std::chars_format::scientific);
  CHECK(error == std::errc());
  out.append(text.data(), end);
}

}  // namespace trackwire::base
