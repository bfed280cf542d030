#include "formats/ais_names.h"

#include <algorithm>
#include <array>

namespace trackwire::formats {
namespace {

struct TypeRange {
  int first;
  int last;
  const char* category;
};

constexpr std::array<TypeRange, 21> kTypes{{
    {30, 30, "fishing"},      {31, 32, "tug"},
    {35, 35, "military"},     {36, 36, "sailing"},
    {37, 37, "pleasure"},     {40, 49, "high_speed"},
    {50, 50, "pilot"},        {51, 51, "search_and_rescue"},
    {52, 52, "tug"},          {60, 69, "passenger"},
    {70, 79, "cargo"},        {80, 89, "tanker"},
    {1001, 1002, "fishing"},  {1003, 1004, "cargo"},
    {1012, 1015, "passenger"}, {1016, 1016, "cargo"},
    {1017, 1017, "tanker"},   {1019, 1019, "pleasure"},
    {1021, 1021, "search_and_rescue"}, {1023, 1024, "tanker"},
    {1025, 1025, "tug"},
}};

// Shipping lines, prefixes and abbreviations that would read wrong in small letters.
constexpr std::array<std::string_view, 30> kCodes{
    "APL", "BC",   "CMA",  "CSL", "FV",  "HMM", "II",  "III", "IV",   "IX",
    "LNG", "LPG",  "MOL",  "MSC", "MV",  "NOAA", "NYK", "OOCL", "SF",  "SS",
    "US",  "USA",  "USCG", "USCGC", "USNS", "VI", "VII", "VIII", "XI", "YM"};
constexpr std::array<std::string_view, 6> kSmallWords{"OF", "THE", "AND", "DE", "DEL", "ON"};

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
char Lowered(char c) { return IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c; }

template <typename List>
bool Contains(const List& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

bool IsCode(std::string_view word) {
  if (Contains(kCodes, word)) return true;
  const bool has_vowel = word.find_first_of("AEIOUY") != std::string_view::npos;
  return word.size() <= 3 && !has_vowel;
}

/// 4TH, 21ST: digits and an ending.
bool IsOrdinal(std::string_view word) {
  if (word.size() < 3 || !std::all_of(word.begin(), word.end() - 2, IsDigit)) return false;
  constexpr std::array<std::string_view, 4> kEndings{"TH", "ST", "ND", "RD"};
  return Contains(kEndings, word.substr(word.size() - 2));
}

std::string Capitalised(std::string_view word) {
  std::string out;
  bool start = true;
  for (size_t i = 0; i < word.size(); ++i) {
    out += start ? word[i] : Lowered(word[i]);
    const bool prefix = word[i] == '\'' && i == 1;  // O'BRIEN, not DON'T
    start = prefix || word[i] == '-' || word[i] == '.' || word[i] == '/' || word[i] == '(';
  }
  return out;
}

std::string Written(std::string_view word, bool first) {
  if (IsOrdinal(word)) return Capitalised(word);
  if (std::any_of(word.begin(), word.end(), IsDigit) || IsCode(word)) return std::string(word);
  std::string out = Capitalised(word);
  if (!first && Contains(kSmallWords, word)) {
    std::transform(out.begin(), out.end(), out.begin(), Lowered);
  }
  return out;
}

}  // namespace

std::string AisCategory(int ship_type) {
  for (const TypeRange& range : kTypes) {
    if (ship_type >= range.first && ship_type <= range.last) return range.category;
  }
  return "other";
}

std::string VesselName(std::string_view raw) {
  const bool as_it_is = std::any_of(raw.begin(), raw.end(), IsLower);
  std::string out;
  size_t at = 0;
  while (at < raw.size()) {
    const size_t end = std::min(raw.find(' ', at), raw.size());
    const std::string_view word = raw.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    const bool first = out.empty();
    if (!first) out += ' ';
    out += as_it_is ? std::string(word) : Written(word, first);
  }
  return out;
}

}  // namespace trackwire::formats
