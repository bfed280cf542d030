#include "base/text.h"

#include <openssl/rand.h>

#include <array>
#include <cctype>
#include <cstdio>

namespace trackwire::base {
namespace {

constexpr char kStandardAlphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrlAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<int8_t, 256> MakeDecodeTable(const char* alphabet) {
  std::array<int8_t, 256> table{};
  for (auto& entry : table) entry = -1;
  for (int8_t i = 0; i < 64; ++i) table[static_cast<unsigned char>(alphabet[i])] = i;
  return table;
}
constexpr auto kStandardTable = MakeDecodeTable(kStandardAlphabet);
constexpr auto kUrlTable = MakeDecodeTable(kUrlAlphabet);

std::string Encode(std::string_view bytes, const char* alphabet, bool pad) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      out += alphabet[bits >> count & 63];
    }
  }
  if (count > 0) out += alphabet[bits << (6 - count) & 63];
  while (pad && out.size() % 4 != 0) out += '=';
  return out;
}

std::optional<std::string> Decode(std::string_view text, const std::array<int8_t, 256>& table) {
  if (text.size() % 4 == 1) return {};
  std::string out;
  out.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int8_t value = table[static_cast<unsigned char>(c)];
    if (value < 0) return {};
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xFF);
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return {};
  return out;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// `count` digits at `at`, or nothing.
std::optional<int> TakeDigits(std::string_view text, size_t at, size_t count) {
  if (at + count > text.size()) return {};
  int value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return {};
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Minutes east of UTC of what follows the seconds: Z, +hh:mm or -hh:mm.
std::optional<int> ParseZone(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return {};
  const auto hours = TakeDigits(zone, 1, 2);
  const auto minutes = TakeDigits(zone, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return {};
  const int offset = *hours * 60 + *minutes;
  return zone[0] == '-' ? -offset : offset;
}

}  // namespace

bool IsUtf8(std::string_view bytes) {
  Utf8Checker checker;
  return checker.Feed(bytes) && checker.complete();
}

bool Utf8Checker::Feed(std::string_view bytes) {
  // state_ counts the bytes a character still owes; code_point_ holds the range allowed for the
  // next one (low byte: least, second byte: greatest), so that overlong forms, surrogates and
  // what lies above U+10FFFF fail at the first byte that shows it.
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (state_ == 0) {
      if (byte < 0x80) continue;
      code_point_ = 0xBF80;
      if (byte < 0xC2 || byte > 0xF4) return false;
      state_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
      if (byte == 0xE0) code_point_ = 0xBFA0;
      if (byte == 0xED) code_point_ = 0x9F80;
      if (byte == 0xF0) code_point_ = 0xBF90;
      if (byte == 0xF4) code_point_ = 0x8F80;
    } else {
      if (byte < (code_point_ & 0xFF) || byte > code_point_ >> 8) return false;
      code_point_ = 0xBF80;
      --state_;
    }
  }
  return true;
}

std::string Base64Encode(std::string_view bytes) { return Encode(bytes, kStandardAlphabet, true); }

std::optional<std::string> Base64Decode(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return Decode(text, kStandardTable);
}

std::string Base64UrlEncode(std::string_view bytes) { return Encode(bytes, kUrlAlphabet, false); }

std::optional<std::string> Base64UrlDecode(std::string_view text) {
  return Decode(text, kUrlTable);
}

std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return {};
      const int high = HexDigit(text[i + 1]);
      const int low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return {};
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::string FormatTime(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const auto ms = (time - day).count();
  std::array<char, 40> text;
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
      static_cast<unsigned>(date.day()), static_cast<int>(ms / 3'600'000),
      static_cast<int>(ms / 60'000 % 60), static_cast<int>(ms / 1000 % 60),
      static_cast<int>(ms % 1000));
  return std::string(text.data(), static_cast<size_t>(length));
}

std::optional<WallTime> ParseTime(std::string_view text) {
  const auto year = TakeDigits(text, 0, 4);
  const auto month = TakeDigits(text, 5, 2);
  const auto day = TakeDigits(text, 8, 2);
  const auto hour = TakeDigits(text, 11, 2);
  const auto minute = TakeDigits(text, 14, 2);
  const auto second = TakeDigits(text, 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return {};
  const bool marks = text[4] == '-' && text[7] == '-' && text[13] == ':' && text[16] == ':' &&
                     (text[10] == 'T' || text[10] == 't' || text[10] == ' ');
  // A leap second is taken as the first of the next minute.
  if (!marks || *hour > 23 || *minute > 59 || *second > 60) return {};
  size_t at = 19;
  int ms = 0;
  if (at < text.size() && text[at] == '.') {
    int scale = 100;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      ms += (text[at] - '0') * scale;
      scale /= 10;
    }
    if (text[at - 1] == '.') return {};
  }
  const auto zone = ParseZone(text.substr(at));
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!zone || !date.ok()) return {};
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute - *zone) + std::chrono::seconds(*second) +
         std::chrono::milliseconds(ms);
}

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
  return bytes;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) !=
        std::tolower(static_cast<unsigned char>(b[i]))) {
      return false;
    }
  }
  return true;
}

std::string_view Trim(std::string_view text) {
  const char* blank = " \t\r\n";
  const size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

}  // namespace trackwire::base
