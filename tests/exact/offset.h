#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace trackwire::exact {

/// A place in the log of one epoch.
struct Offset {
  uint64_t ms = 0;
  uint64_t seq = 0;

  friend auto operator<=>(const Offset&, const Offset&) = default;
  std::string ToString() const;  ///< `<ms>-<seq>`
};

/// The last argument of an event: `<epoch>.<ms>-<seq>`. The epoch borrows from the text.
struct FullOffset {
  std::string_view epoch;
  Offset place;
};
std::optional<FullOffset> ParseOffset(std::string_view text);

struct OffsetHash {
  size_t operator()(const Offset& offset) const {
    return std::hash<uint64_t>{}(offset.ms * 0x9E3779B97F4A7C15U + offset.seq);
  }
};

}  // namespace trackwire::exact
