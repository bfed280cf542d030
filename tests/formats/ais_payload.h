#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace trackwire::formats {

/// Makes AIS messages bit by bit.
class AisPayload {
 public:
  AisPayload& Put(size_t width, int64_t value) {
    // A field may be wider than any number: its upper bits are those of the sign.
    for (size_t i = width; i-- > 0;) {
      bits_ += (value >> std::min<size_t>(i, 63) & 1) != 0 ? '1' : '0';
    }
    return *this;
  }
  AisPayload& Text(size_t width, std::string_view text) {
    for (size_t at = 0; at < width; at += 6) {
      const char c = at / 6 < text.size() ? text[at / 6] : '@';
      Put(6, c >= 64 ? c - 64 : c);
    }
    return *this;
  }
  size_t size() const { return bits_.size(); }
  int fill_bits() const { return static_cast<int>((6 - bits_.size() % 6) % 6); }
  std::string Armoured() const {
    std::string out;
    for (size_t at = 0; at < bits_.size(); at += 6) {
      int value = 0;
      for (size_t i = at; i < at + 6; ++i)
        value = value * 2 + (i < bits_.size() && bits_[i] == '1');
      out += static_cast<char>(value < 40 ? value + 48 : value + 56);
    }
    return out;
  }

 private:
  std::string bits_;
};

/// A sentence with its checksum and line break; parts are numbered from 1.
inline std::string AisLine(const std::string& payload, int fill = 0, int total = 1, int part = 1,
                           const std::string& sequence = "") {
  const std::string body = "AIVDM," + std::to_string(total) + "," + std::to_string(part) + "," +
                           sequence + ",A," + payload + "," + std::to_string(fill);
  int sum = 0;
  for (const char c : body) sum ^= static_cast<unsigned char>(c);
  std::array<char, 8> end;
  std::snprintf(end.data(), end.size(), "*%02X\r\n", static_cast<unsigned>(sum));
  return "!" + body + end.data();
}

}  // namespace trackwire::formats
