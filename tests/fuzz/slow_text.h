#pragma once

// Text encodings once more, as slowly and plainly as their specifications put them: what the
// product's fast code is compared with.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trackwire::fuzz {

/// What a text is as UTF-8: whole, the beginning of one, or neither.
enum class Utf8 : uint8_t { kComplete, kPrefix, kBroken };

/// A row of the table of well-formed sequences (RFC 3629 section 4): the range of each byte.
struct Utf8Row {
  int length;
  uint8_t least[4];
  uint8_t most[4];
};
inline constexpr Utf8Row kUtf8Rows[] = {
    {1, {0x00}, {0x7F}},
    {2, {0xC2, 0x80}, {0xDF, 0xBF}},
    {3, {0xE0, 0xA0, 0x80}, {0xE0, 0xBF, 0xBF}},
    {3, {0xE1, 0x80, 0x80}, {0xEC, 0xBF, 0xBF}},
    {3, {0xED, 0x80, 0x80}, {0xED, 0x9F, 0xBF}},
    {3, {0xEE, 0x80, 0x80}, {0xEF, 0xBF, 0xBF}},
    {4, {0xF0, 0x90, 0x80, 0x80}, {0xF0, 0xBF, 0xBF, 0xBF}},
    {4, {0xF1, 0x80, 0x80, 0x80}, {0xF3, 0xBF, 0xBF, 0xBF}},
    {4, {0xF4, 0x80, 0x80, 0x80}, {0xF4, 0x8F, 0xBF, 0xBF}},
};

/// Looks at `text` from `at`; leaves it behind the last whole character.
inline Utf8 SlowUtf8(std::string_view text, size_t& at) {
  while (at < text.size()) {
    bool found = false;
    for (const Utf8Row& row : kUtf8Rows) {
      int matching = 0;
      while (matching < row.length && at + static_cast<size_t>(matching) < text.size()) {
        const auto byte = static_cast<uint8_t>(text[at + static_cast<size_t>(matching)]);
        if (byte < row.least[matching] || byte > row.most[matching]) break;
        ++matching;
      }
      if (matching == row.length) {
        at += static_cast<size_t>(row.length);
        found = true;
        break;
      }
      if (matching > 0 && at + static_cast<size_t>(matching) == text.size()) return Utf8::kPrefix;
    }
    if (!found) return Utf8::kBroken;
  }
  return Utf8::kComplete;
}

inline bool SlowIsUtf8(std::string_view text) {
  size_t at = 0;
  return SlowUtf8(text, at) == Utf8::kComplete;
}

/// Base64 by the standard alphabet (RFC 4648 section 4), bit by bit; padding is needed, and bits
/// that mean nothing must be zero.
inline std::optional<std::string> SlowBase64(std::string_view text) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bits;
  size_t padding = 0;
  for (const char c : text) {
    if (c == '=') {
      ++padding;
      continue;
    }
    const size_t value = kAlphabet.find(c);
    if (padding > 0 || value == std::string_view::npos) return std::nullopt;
    for (int bit = 5; bit >= 0; --bit) bits += (value >> bit & 1) != 0 ? '1' : '0';
  }
  if (padding > 2 || text.size() % 4 != 0) return std::nullopt;
  std::string bytes;
  size_t at = 0;
  for (; at + 8 <= bits.size(); at += 8) {
    int byte = 0;
    for (size_t i = at; i < at + 8; ++i) byte = byte * 2 + (bits[i] - '0');
    bytes += static_cast<char>(byte);
  }
  if (bits.find('1', at) != std::string::npos) return std::nullopt;
  return bytes;
}

}  // namespace trackwire::fuzz
