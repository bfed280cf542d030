#pragma once

#include <charconv>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trackwire::socketio {

/// The id of a stream's entry: `<milliseconds>-<number>`. Entries are in the order of their ids.
struct StreamId {
  uint64_t ms = 0;
  uint64_t number = 0;
  friend auto operator<=>(const StreamId&, const StreamId&) = default;

  std::string ToString() const { return std::to_string(ms) + '-' + std::to_string(number); }

  static std::optional<StreamId> Parse(std::string_view text) {
    StreamId id;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, id.ms);
    if (first.ec != std::errc() || first.ptr == end || *first.ptr != '-') return std::nullopt;
    const auto second = std::from_chars(first.ptr + 1, end, id.number);
    if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
    return id;
  }
};

}  // namespace trackwire::socketio
