#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace re2 {
class RE2;
}

namespace trackwire::socketio {

/// A regular expression for names.
///
/// RE2's syntax: much that of JavaScript but for look-around and references to groups, which need
/// an engine that goes back; `(?P<name>…)` names a group, `\x{20ac}` is a character by its number.
/// Matches() takes a time linear in the name, whatever the pattern says.
class NamePattern {
 public:
  /// What a compiled pattern may take, in bytes: `(a{100}){100}` would take more.
  static constexpr size_t kMaxBytes = 1'000'000;

  /// Fails with `bad_pattern` for what is no expression, is not supported or is too large.
  static Result<NamePattern> Parse(std::string_view pattern);

  /// Whether `name` (UTF-8) has a part that fits, as `RegExp.test` says: use `^` and `$` for the
  /// whole of it. Any thread.
  bool Matches(std::string_view name) const;

 private:
  explicit NamePattern(std::shared_ptr<const re2::RE2> regex) : regex_(std::move(regex)) {}

  std::shared_ptr<const re2::RE2> regex_;
};

}  // namespace trackwire::socketio
