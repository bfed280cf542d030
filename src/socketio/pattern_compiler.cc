#include "socketio/pattern_compiler.h"

#include <algorithm>
#include <utility>

namespace trackwire::socketio {
namespace {

constexpr int kMaxDepth = 50;
constexpr char32_t kLast = 0x10ffff;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// A character that stands for others after a backslash; nothing for one that stands for itself.
std::optional<char32_t> Control(char c) {
  switch (c) {
    case 't':
      return U'\t';
    case 'n':
      return U'\n';
    case 'v':
      return U'\v';
    case 'f':
      return U'\f';
    case 'r':
      return U'\r';
    default:
      return std::nullopt;
  }
}

using Ranges = std::vector<std::pair<char32_t, char32_t>>;

/// What `\d`, `\w` and `\s` stand for; nothing for other letters.
Ranges Shorthand(char c) {
  switch (c) {
    case 'd':
      return {{'0', '9'}};
    case 'w':
      return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
    case 's':
      return {{0x09, 0x0d},     {0x20, 0x20},     {0xa0, 0xa0},     {0x1680, 0x1680},
              {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f}, {0x205f, 0x205f},
              {0x3000, 0x3000}, {0xfeff, 0xfeff}};
    default:
      return {};
  }
}

/// All that is in none of `ranges`, which are in order.
Ranges Opposite(const Ranges& ranges) {
  Ranges others;
  char32_t next = 0;
  for (const auto& [first, last] : ranges) {
    if (first > next) others.emplace_back(next, first - 1);
    next = last + 1;
  }
  others.emplace_back(next, kLast);
  return others;
}

/// `\d` and `\D` alike.
Ranges ClassEscape(char c) {
  const bool opposite = c >= 'A' && c <= 'Z';
  const Ranges ranges = Shorthand(opposite ? static_cast<char>(c - 'A' + 'a') : c);
  return opposite && !ranges.empty() ? Opposite(ranges) : ranges;
}

}  // namespace

Result<NamePattern> PatternCompiler::Compile() {
  const bool read = Alternatives(0) && (rest_.empty() || Fail("a ) without its ("));
  if (!read || !Add({Op::kMatch, 0, 0})) {
    return Err("bad_pattern", "\"" + made_.text_ + "\": " + fault_);
  }
  return std::move(made_);
}

bool PatternCompiler::Fail(const char* why) {
  if (fault_ == nullptr) fault_ = why;
  return false;
}

bool PatternCompiler::Add(Step step) {
  if (made_.steps_.size() >= NamePattern::kMaxSize) return Fail("it is too large");
  made_.steps_.push_back(step);
  return true;
}

bool PatternCompiler::AddClass(Class characters) {
  made_.classes_.push_back(std::move(characters));
  return Add({Op::kClass, static_cast<uint32_t>(made_.classes_.size() - 1), 0});
}

bool PatternCompiler::Take(char c) {
  if (!Has(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

bool PatternCompiler::Alternatives(int depth) {
  if (depth > kMaxDepth) return Fail("its groups are nested too deeply");
  std::vector<uint32_t> ends;
  for (;;) {
    const size_t start = here();
    if (!Sequence(depth)) return false;
    if (!Take('|')) break;
    if (!Add({Op::kJump, 0, 0}) || !Prefer(start)) return false;
    ends.push_back(here() - 1);
  }
  for (const uint32_t end : ends) made_.steps_[end].x = here();
  return true;
}

/// Puts a choice in front of what was read from `start` on: that, or what follows it.
bool PatternCompiler::Prefer(size_t start) {
  const auto way = Cut(start);
  return Add({Op::kSplit, here() + 1, here() + 1 + static_cast<uint32_t>(way.size())}) &&
         Append(way, start);
}

std::vector<NamePattern::Step> PatternCompiler::Cut(size_t start) {
  const auto from = made_.steps_.begin() + static_cast<std::ptrdiff_t>(start);
  std::vector<Step> piece(from, made_.steps_.end());
  made_.steps_.resize(start);
  return piece;
}

/// Adds steps that were made to stand at `start`.
bool PatternCompiler::Append(const std::vector<Step>& piece, size_t start) {
  const uint32_t moved = here() - static_cast<uint32_t>(start);
  for (Step step : piece) {
    if (step.op == Op::kSplit || step.op == Op::kJump) {
      step.x += moved;
      step.y += moved;
    }
    if (!Add(step)) return false;
  }
  return true;
}

bool PatternCompiler::Sequence(int depth) {
  while (!rest_.empty() && !Has('|') && !Has(')')) {
    if (!Term(depth)) return false;
  }
  return true;
}

bool PatternCompiler::Term(int depth) {
  if (Take('^')) return Add({Op::kBegin, 0, 0});
  if (Take('$')) return Add({Op::kEnd, 0, 0});
  if (rest_.substr(0, 2) == "\\b" || rest_.substr(0, 2) == "\\B") {
    const Op op = rest_[1] == 'b' ? Op::kBoundary : Op::kNoBoundary;
    rest_.remove_prefix(2);
    return Add({op, 0, 0});
  }
  const size_t start = here();
  return Atom(depth) && Quantify(start);
}

bool PatternCompiler::Atom(int depth) {
  if (Has('*') || Has('+') || Has('?')) return Fail("nothing to repeat");
  if (Take('(')) return Group(depth);
  if (Take('[')) return Bracket();
  if (Take('\\')) return Escape();
  if (Take('.')) return AddClass({{{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}, true});
  uint32_t least = 0;
  std::optional<uint32_t> most;
  if (Has('{') && Braces(least, most)) return Fail("nothing to repeat");
  return AddCharacter(TakeCodePoint(rest_));
}

bool PatternCompiler::Group(int depth) {
  if (Take('?')) {
    const bool named = Has('<') && rest_.size() > 1 && rest_[1] != '=' && rest_[1] != '!';
    if (named) {
      const size_t end = rest_.find('>');
      if (end == std::string_view::npos) return Fail("a group's name without its >");
      rest_.remove_prefix(end + 1);
    } else if (!Take(':')) {
      return Fail("look-around is not supported");
    }
  }
  if (!Alternatives(depth + 1)) return false;
  return Take(')') || Fail("a ( without its )");
}

bool PatternCompiler::Escape() {
  if (rest_.empty()) return Fail("it ends in a backslash");
  const Ranges ranges = ClassEscape(rest_[0]);
  if (!ranges.empty()) {
    rest_.remove_prefix(1);
    return AddClass({ranges, false});
  }
  if (rest_[0] >= '1' && rest_[0] <= '9') return Fail("references to groups are not supported");
  char32_t c = 0;
  return EscapedCharacter(c) && AddCharacter(c);
}

bool PatternCompiler::EscapedCharacter(char32_t& c) {
  if (rest_.empty()) return Fail("it ends in a backslash");
  const char letter = rest_[0];
  if (const auto control = Control(letter)) {
    c = *control;
    rest_.remove_prefix(1);
    return true;
  }
  if (Take('x')) return HexDigits(2, c);
  if (Take('u')) return HexDigits(4, c);
  if (letter == '0' && (rest_.size() < 2 || !IsDigit(rest_[1]))) {
    c = 0;
    rest_.remove_prefix(1);
    return true;
  }
  const bool special = std::string_view("^$\\.*+?()[]{}|/-").find(letter) != std::string_view::npos;
  if (!special) return Fail("an escape that is not known");
  c = TakeCodePoint(rest_);
  return true;
}

bool PatternCompiler::HexDigits(size_t count, char32_t& c) {
  c = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t value = rest_.empty()
                             ? std::string_view::npos
                             : std::string_view("0123456789abcdef0123456789ABCDEF").find(rest_[0]);
    if (value == std::string_view::npos) return Fail("too few hexadecimal digits");
    c = c << 4U | (value & 15U);
    rest_.remove_prefix(1);
  }
  return true;
}

bool PatternCompiler::Bracket() {
  Class all;
  all.negated = Take('^');
  while (!Take(']')) {
    if (rest_.empty()) return Fail("a [ without its ]");
    std::optional<char32_t> first;
    if (!Member(all, first)) return false;
    const bool range = first && rest_.size() > 1 && rest_[0] == '-' && rest_[1] != ']';
    if (!range) {
      if (first) all.ranges.emplace_back(*first, *first);
      continue;
    }
    rest_.remove_prefix(1);
    std::optional<char32_t> last;
    if (!Member(all, last)) return false;
    if (!last) {  // `[a-\d]`: the sign stands for itself
      all.ranges.emplace_back(*first, *first);
      all.ranges.emplace_back('-', '-');
    } else if (*last < *first) {
      return Fail("a range that ends before it begins");
    } else {
      all.ranges.emplace_back(*first, *last);
    }
  }
  return AddClass(std::move(all));
}

bool PatternCompiler::Member(Class& into, std::optional<char32_t>& single) {
  if (!Take('\\')) {
    single = TakeCodePoint(rest_);
    return true;
  }
  if (rest_.empty()) return Fail("it ends in a backslash");
  const Ranges ranges = ClassEscape(rest_[0]);
  if (!ranges.empty()) {
    rest_.remove_prefix(1);
    into.ranges.insert(into.ranges.end(), ranges.begin(), ranges.end());
    return true;
  }
  if (Take('b')) {
    single = U'\b';
    return true;
  }
  char32_t c = 0;
  if (!EscapedCharacter(c)) return false;
  single = c;
  return true;
}

bool PatternCompiler::Quantify(size_t start) {
  uint32_t least = 0;
  std::optional<uint32_t> most;
  if (Take('*')) {
    least = 0;
  } else if (Take('+')) {
    least = 1;
  } else if (Take('?')) {
    most = 1;
  } else if (!Has('{') || !Braces(least, most)) {
    return fault_ == nullptr;
  }
  Take('?');  // the lazy ones fit the same names
  if (Has('*') || Has('+') || Has('?')) return Fail("nothing to repeat");
  if (most && *most < least) return Fail("a repetition that ends before it begins");
  return Repeat(start, least, most);
}

bool PatternCompiler::Braces(uint32_t& least, std::optional<uint32_t>& most) {
  std::string_view text = rest_.substr(1);
  const auto number = [&text](uint32_t& value) {
    if (text.empty() || !IsDigit(text[0])) return false;
    value = 0;
    for (; !text.empty() && IsDigit(text[0]); text.remove_prefix(1)) {
      value = std::min<uint32_t>(value * 10 + static_cast<uint32_t>(text[0] - '0'), 1'000'000);
    }
    return true;
  };
  if (!number(least)) return false;
  most = least;
  if (!text.empty() && text[0] == ',') {
    text.remove_prefix(1);
    uint32_t value = 0;
    most = number(value) ? std::optional<uint32_t>(value) : std::nullopt;
  }
  if (text.empty() || text[0] != '}') return false;
  rest_ = text.substr(1);
  const uint32_t count = most ? std::max(least, *most) : least;
  return count <= NamePattern::kMaxSize || Fail("it is too large");
}

bool PatternCompiler::Repeat(size_t start, uint32_t least, std::optional<uint32_t> most) {
  const auto piece = Cut(start);
  for (uint32_t i = 0; i < least; ++i) {
    if (!Append(piece, start)) return false;
  }
  if (!most) {
    const uint32_t loop = here();
    if (!Add({Op::kSplit, loop + 1, 0}) || !Append(piece, start) || !Add({Op::kJump, loop, 0}))
      return false;
    made_.steps_[loop].y = here();
    return true;
  }
  std::vector<uint32_t> exits;
  for (uint32_t i = least; i < *most; ++i) {
    exits.push_back(here());
    if (!Add({Op::kSplit, here() + 1, 0}) || !Append(piece, start)) return false;
  }
  for (const uint32_t exit : exits) made_.steps_[exit].y = here();
  return true;
}

}  // namespace trackwire::socketio
