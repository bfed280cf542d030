#pragma once

#include <cstddef>
#include <cstdint>

namespace trackwire::graphql {

/// The `[ ]` and `!` around a named type, outermost first, in one word. A plain value.
class Wraps {
 public:
  /// How many there may be: `[[Int!]!]!` has five.
  static constexpr size_t kMax = 32;

  bool non_null() const { return (bits_ & 3) == kNonNull; }
  bool list() const { return (bits_ & 3) == kList; }
  bool none() const { return bits_ == 0; }
  bool full() const { return bits_ >> 62 != 0; }
  /// Without the outermost one.
  Wraps Inner() const { return Wraps(bits_ >> 2); }
  /// Without the outermost one if that is `!`.
  Wraps Nullable() const { return non_null() ? Inner() : *this; }
  /// With one more around all; not when full().
  Wraps InNonNull() const { return Wraps(bits_ << 2 | kNonNull); }
  Wraps InList() const { return Wraps(bits_ << 2 | kList); }

  Wraps() = default;
  bool operator==(const Wraps&) const = default;

 private:
  static constexpr uint64_t kNonNull = 1;
  static constexpr uint64_t kList = 2;
  explicit Wraps(uint64_t bits) : bits_(bits) {}

  uint64_t bits_ = 0;
};

}  // namespace trackwire::graphql
