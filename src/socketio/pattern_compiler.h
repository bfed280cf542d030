#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "socketio/name_pattern.h"

namespace trackwire::socketio {

/// Takes one character off UTF-8; a byte that is part of none counts as one, U+FFFD.
char32_t TakeCodePoint(std::string_view& text);

/// Reads a regular expression and writes the steps of its NamePattern. Used once.
class PatternCompiler {
 public:
  explicit PatternCompiler(std::string_view pattern) : rest_(pattern) { made_.text_ = pattern; }

  Result<NamePattern> Compile();

 private:
  using Class = NamePattern::Class;
  using Op = NamePattern::Op;
  using Step = NamePattern::Step;

  // Each appends its steps; false: the pattern is wrong, and why is in `fault_`.
  bool Alternatives(int depth);
  bool Sequence(int depth);
  bool Term(int depth);
  bool Atom(int depth);
  bool Group(int depth);
  bool Escape();
  bool Bracket();
  bool Quantify(size_t start);
  bool Prefer(size_t start);
  std::vector<Step> Cut(size_t start);
  bool Append(const std::vector<Step>& piece, size_t start);
  bool Repeat(size_t start, uint32_t least, std::optional<uint32_t> most);
  /// Reads `{2}`, `{2,}` or `{2,5}`; without effect where a brace stands for itself.
  bool Braces(uint32_t& least, std::optional<uint32_t>& most);

  /// One member of a class in brackets: a character, or a class of its own such as `\d`.
  bool Member(Class& into, std::optional<char32_t>& single);
  /// What follows a backslash where a character may stand.
  bool EscapedCharacter(char32_t& c);
  bool HexDigits(size_t count, char32_t& c);

  bool Fail(const char* why);
  bool Add(Step step);
  bool AddClass(Class characters);
  bool AddCharacter(char32_t c) { return AddClass({{{c, c}}, false}); }
  bool Has(char c) const { return !rest_.empty() && rest_[0] == c; }
  bool Take(char c);
  uint32_t here() const { return static_cast<uint32_t>(made_.steps_.size()); }

  std::string_view rest_;
  NamePattern made_;
  const char* fault_ = nullptr;
};

}  // namespace trackwire::socketio
