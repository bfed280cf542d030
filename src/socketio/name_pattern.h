#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace trackwire::socketio {

/// A regular expression for names: what of ECMAScript's needs no going back.
///
/// Characters, `.`, classes, `\d \w \s` and their opposites, `^ $ \b \B`, groups, `|` and all
/// quantifiers; no look-around and no references to groups, which Parse() refuses. Unlike an engine
/// that goes back, Matches() takes at most (length of the name) x (size of the pattern) steps,
/// whatever the two say.
class NamePattern {
 public:
  /// Instructions of the largest pattern: `(a{100}){100}` has more.
  static constexpr size_t kMaxSize = 2'000;

  /// Fails with `bad_pattern` for what is no expression, is not supported or is too large.
  static Result<NamePattern> Parse(std::string_view pattern);

  /// Whether `name` (UTF-8) has a part that fits, as `RegExp.test` says: use `^` and `$` for the
  /// whole of it. Constant after Parse(): any thread.
  bool Matches(std::string_view name) const;
  const std::string& text() const { return text_; }

 private:
  friend class PatternCompiler;

  /// Ranges of code points, both ends included.
  struct Class {
    std::vector<std::pair<char32_t, char32_t>> ranges;
    bool negated = false;
    bool Has(char32_t c) const;
  };
  enum class Op : uint8_t { kClass, kSplit, kJump, kBegin, kEnd, kBoundary, kNoBoundary, kMatch };
  struct Step {
    Op op = Op::kMatch;
    uint32_t x = 0;  ///< a class, or where to go on
    uint32_t y = 0;  ///< kSplit: where else
  };
  /// The steps that wait for a character, and those already looked at for this one.
  struct Threads;
  void Follow(Threads& threads, uint32_t start, char32_t before, char32_t after, bool first,
              bool last) const;

  std::string text_;
  std::vector<Class> classes_;
  std::vector<Step> steps_;
};

}  // namespace trackwire::socketio
