#include "base/fold_case.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

namespace trackwire::base {
namespace {

/// Capital letters of [first, last]: all of them, or every second one, whose small letter follows.
struct Range {
  uint32_t first;
  uint32_t last;
  uint32_t distance;  ///< to the small letter; 1: capitals and small letters take turns
};

constexpr Range kRanges[] = {
    {0x0041, 0x005A, 32}, {0x00C0, 0x00D6, 32}, {0x00D8, 0x00DE, 32}, {0x0100, 0x012F, 1},
    {0x0132, 0x0137, 1},  {0x0139, 0x0148, 1},  {0x014A, 0x0177, 1},  {0x0179, 0x017E, 1},
    {0x0386, 0x0386, 38}, {0x0388, 0x038A, 37}, {0x038C, 0x038C, 64}, {0x038E, 0x038F, 63},
    {0x0391, 0x03A1, 32}, {0x03A3, 0x03AB, 32}, {0x03C2, 0x03C2, 1},  {0x0400, 0x040F, 80},
    {0x0410, 0x042F, 32}, {0x0460, 0x0481, 1},  {0x048A, 0x04BF, 1},  {0x0531, 0x0556, 48},
    {0x1E00, 0x1E95, 1},  {0x1EA0, 0x1EFF, 1},
};

uint32_t Fold(uint32_t point) {
  if (point == 0x0178) return 0x00FF;  // Y with diaeresis, whose small letter is older
  for (const Range& range : kRanges) {
    if (point < range.first || point > range.last) continue;
    if (range.distance != 1) return point + range.distance;
    return (point - range.first) % 2 == 0 ? point + 1 : point;
  }
  return point;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string FoldCase(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool two = byte >= 0xC2 && byte <= 0xDF && i + 1 < text.size() &&
                     IsContinuation(text[i + 1]);
    const bool three = byte == 0xE1 && i + 2 < text.size() && IsContinuation(text[i + 1]) &&
                       IsContinuation(text[i + 2]);
    const auto bits = [&](size_t at) { return static_cast<unsigned char>(text[at]) & 0x3Fu; };
    if (byte < 0x80) {
      out += static_cast<char>(Fold(byte));
    } else if (two) {
      const uint32_t point = Fold((byte & 0x1Fu) << 6 | bits(i + 1));
      out += static_cast<char>(0xC0 | point >> 6);
      out += static_cast<char>(0x80 | (point & 0x3F));
      ++i;
    } else if (three) {
      const uint32_t point = Fold((byte & 0x0Fu) << 12 | bits(i + 1) << 6 | bits(i + 2));
      out += static_cast<char>(0xE0 | point >> 12);
      out += static_cast<char>(0x80 | (point >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (point & 0x3F));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

}  // namespace trackwire::base
