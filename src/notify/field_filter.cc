#include "notify/field_filter.h"

#include <optional>

#include "base/check.h"
#include "base/json_scanner.h"

namespace trackwire::notify {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsIgnored(char c) { return c == '_' || c == '-' || c == '.' || c == ' '; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// The kind of a byte that begins or ends a name: letters in either case have one of their own, the
/// rest share. Bytes that do not count have one that is always looked at closely.
constexpr uint8_t kIgnored = 31;
constexpr std::array<uint8_t, 256> MakeKinds() {
  std::array<uint8_t, 256> kinds{};
  for (size_t c = 0; c < 256; ++c) {
    const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    kinds[c] = static_cast<uint8_t>(letter ? c & 31 : 27 + c % 4);
  }
  for (const char c : {'_', '-', '.', ' '}) kinds[static_cast<size_t>(c)] = kIgnored;
  return kinds;
}
constexpr std::array<uint8_t, 256> kKinds = MakeKinds();
uint8_t KindOf(char c) { return kKinds[static_cast<unsigned char>(c)]; }

const char* SkipSpace(const char* at, const char* end) {
  while (at != end && IsSpace(*at)) ++at;
  return at;
}

/// Past the string whose first byte behind the quote is at `at`; tells where its closing quote is.
const char* SkipString(const char* at, const char* end, const char*& quote, bool& escaped) {
  escaped = false;
  while (at != end && *at != '"') {
    if (*at == '\\') {
      escaped = true;
      if (++at == end) break;
    }
    ++at;
  }
  quote = at;
  return at == end ? end : at + 1;
}

/// Past the value that begins at `at`.
const char* SkipValue(const char* at, const char* end) {
  const char* quote = nullptr;
  bool escaped = false;
  size_t depth = 0;
  while (at != end) {
    const char c = *at;
    if (c == '"') {
      at = SkipString(at + 1, end, quote, escaped);
      if (depth == 0) return at;
      continue;
    }
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      if (--depth == 0) return at + 1;
    } else if (depth == 0 && (c == ',' || IsSpace(c))) {
      return at;
    }
    ++at;
  }
  return end;
}

/// Takes back the comma that led to a member, if there was one before it.
void DropComma(std::string& out, size_t begin) {
  size_t size = out.size();
  while (size > begin && IsSpace(out[size - 1])) --size;
  if (size > begin && out[size - 1] == ',') out.resize(size - 1);
}

/// Writes the normal form into `buffer`; nothing when it is longer than a hidden name can be.
std::optional<std::string_view> Normalize(std::string_view name,
                                          std::array<char, kMaxFieldNameBytes>& buffer) {
  size_t size = 0;
  for (const char c : name) {
    if (IsIgnored(c)) continue;
    if (size == buffer.size()) return std::nullopt;
    buffer[size++] = Lower(c);
  }
  return std::string_view(buffer.data(), size);
}

}  // namespace

std::string NormalFieldName(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (!IsIgnored(c)) out += Lower(c);
  }
  return out;
}

/// A member's name in a text.
struct FieldFilter::Name {
  const char* quote = nullptr;  ///< where its opening quote is
  std::string_view inside;      ///< between the quotes
  bool escaped = false;
};

FieldFilter::FieldFilter(const std::vector<Rule>& rules) {
  for (const Rule& rule : rules) {
    CHECK(!rule.name.empty() && rule.name.size() <= kMaxFieldNameBytes);
    views_[rule.name] |= rule.views;
    const uint32_t last = uint32_t{1} << KindOf(rule.name.back());
    ends_[KindOf(rule.name.front())] |= last | uint32_t{1} << kIgnored;
    ends_[kIgnored] = ~uint32_t{0};
  }
}

// A string with a colon behind it is a name and no other string is one, so nobody needs to know
// how deep it stands.
bool FieldFilter::NextName(const char*& at, const char* end, Name& name) {
  while (true) {
    while (at != end && *at != '"') ++at;
    if (at == end) return false;
    name.quote = at;
    const char* close = nullptr;
    at = SkipString(at + 1, end, close, name.escaped);
    const char* colon = SkipSpace(at, end);
    if (colon == end) return false;
    if (*colon != ':') continue;
    name.inside = {name.quote + 1, static_cast<size_t>(close - name.quote - 1)};
    at = colon + 1;
    return true;
  }
}

ViewSet FieldFilter::HiddenFrom(const Name& name) const {
  std::string_view text = name.inside;
  if (text.empty()) return 0;
  std::string decoded;
  if (name.escaped) {
    const std::string_view quoted(name.quote, text.size() + 2);
    // Nobody could say what it means; it is of no text that was accepted.
    if (!base::ScanJson(quoted)) return ~ViewSet{0};
    decoded = base::DecodeJsonString(quoted);
    text = decoded;
    if (text.empty()) return 0;
  }
  if ((ends_[KindOf(text.front())] >> KindOf(text.back()) & 1) == 0) return 0;
  std::array<char, kMaxFieldNameBytes> buffer;
  const auto normal = Normalize(text, buffer);
  if (!normal) return 0;
  const auto found = views_.find(*normal);
  return found == views_.end() ? 0 : found->second;
}

ViewSet FieldFilter::Find(std::string_view json, std::vector<ViewSet>* found) const {
  if (views_.empty()) return 0;
  ViewSet all = 0;
  const char* at = json.data();
  const char* const end = at + json.size();
  Name name;
  while (NextName(at, end, name)) {
    const ViewSet views = HiddenFrom(name);
    if (views == 0) continue;
    all |= views;
    if (found == nullptr) continue;
    bool known = false;
    for (const ViewSet other : *found) known = known || other == views;
    if (!known) found->push_back(views);
  }
  return all;
}

void FieldFilter::Append(View view, std::string_view json, std::string& out) const {
  CHECK(view < kMaxViews);
  const ViewSet mine = ViewSet{1} << view;
  const size_t begin = out.size();
  const char* at = json.data();
  const char* copied = at;
  const char* const end = at + json.size();
  Name name;
  while (NextName(at, end, name)) {
    if ((HiddenFrom(name) & mine) == 0) continue;
    out.append(copied, name.quote);
    at = SkipValue(SkipSpace(at, end), end);
    const char* next = SkipSpace(at, end);
    if (next != end && *next == ',') {
      at = SkipSpace(next + 1, end);
    } else {
      DropComma(out, begin);
    }
    copied = at;
  }
  out.append(copied, end);
}

}  // namespace trackwire::notify
