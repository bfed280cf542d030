#include "formats/time_pattern.h"

#include <algorithm>

namespace trackwire::formats {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

/// Reads a text from its beginning.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool Skip(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::optional<int> Number(size_t least_digits, size_t most_digits) {
    size_t size = 0;
    int value = 0;
    while (size < most_digits && size < rest_.size() && IsDigit(rest_[size])) {
      value = value * 10 + (rest_[size++] - '0');
    }
    if (size < least_digits) return std::nullopt;
    rest_.remove_prefix(size);
    return value;
  }
  /// What follows a dot, in milliseconds; nothing said is none.
  std::optional<int> Fraction() {
    if (rest_.empty() || (rest_[0] != '.' && rest_[0] != ',')) return 0;
    rest_.remove_prefix(1);
    if (rest_.empty() || !IsDigit(rest_[0])) return std::nullopt;
    int milliseconds = 0;
    for (int place = 100; !rest_.empty() && IsDigit(rest_[0]); place /= 10) {
      milliseconds += (rest_[0] - '0') * place;
      rest_.remove_prefix(1);
    }
    return milliseconds;
  }
  std::optional<int> ZoneMinutes() {
    if (Skip('Z')) return 0;
    const bool west = !rest_.empty() && rest_[0] == '-';
    if (!Skip('+') && !Skip('-')) return std::nullopt;
    const auto hours = Number(2, 2);
    Skip(':');
    const auto minutes = Number(2, 2);
    if (!hours || !minutes || *hours > 14 || *minutes > 59) return std::nullopt;
    return (west ? -1 : 1) * (*hours * 60 + *minutes);
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

struct Parts {
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int millisecond = 0;
  int zone_minutes = 0;
};

bool Take(Reader& reader, char directive, Parts& parts) {
  const auto read = [](int& target, std::optional<int> value) {
    target = value.value_or(0);
    return value.has_value();
  };
  switch (directive) {
    case 'Y': return read(parts.year, reader.Number(4, 4));
    case 'm': return read(parts.month, reader.Number(1, 2));
    case 'd': return read(parts.day, reader.Number(1, 2));
    case 'H': return read(parts.hour, reader.Number(1, 2));
    case 'M': return read(parts.minute, reader.Number(1, 2));
    case 'S':
      return read(parts.second, reader.Number(1, 2)) &&
             read(parts.millisecond, reader.Fraction());
    case 'z': return read(parts.zone_minutes, reader.ZoneMinutes());
    case '%': return reader.Skip('%');
    default: return false;
  }
}

}  // namespace

bool IsTimePattern(std::string_view pattern) {
  constexpr std::string_view kDirectives = "YmdHMSz%";
  std::string_view missing = "Ymd";
  size_t found = 0;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] != '%') continue;
    ++i;
    if (i == pattern.size() || kDirectives.find(pattern[i]) == std::string_view::npos) return false;
    if (missing.find(pattern[i]) != std::string_view::npos) ++found;
  }
  return found == missing.size();
}

std::optional<WallTime> ParseTimeBy(std::string_view pattern, std::string_view text,
                                    int zone_minutes) {
  Reader reader(text);
  Parts parts;
  parts.zone_minutes = zone_minutes;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const bool directive = pattern[i] == '%' && i + 1 < pattern.size();
    if (directive ? !Take(reader, pattern[++i], parts) : !reader.Skip(pattern[i])) {
      return std::nullopt;
    }
  }
  if (!reader.done() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(parts.year),
                                         std::chrono::month(static_cast<unsigned>(parts.month)),
                                         std::chrono::day(static_cast<unsigned>(parts.day))};
  if (!date.ok()) return std::nullopt;
  // A leap second counts as the one before it, as clocks of POSIX have it.
  return WallTime(std::chrono::sys_days(date)) + std::chrono::hours(parts.hour) +
         std::chrono::minutes(parts.minute - parts.zone_minutes) +
         std::chrono::seconds(std::min(parts.second, 59)) +
         std::chrono::milliseconds(parts.millisecond);
}

}  // namespace trackwire::formats
