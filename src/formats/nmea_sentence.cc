#include "formats/nmea_sentence.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/text.h"
#include "formats/fields.h"

namespace trackwire::formats {
namespace {

bool IsAddressChar(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

std::optional<int> HexByte(std::string_view text) {
  int value = 0;
  if (text.size() != 2) return std::nullopt;
  const auto [end, error] = std::from_chars(text.data(), text.data() + 2, value, 16);
  if (error != std::errc() || end != text.data() + 2 || text[0] == '-') return std::nullopt;
  return value;
}

/// Takes `*hh` off the end of `body` and compares it with the rest.
Result<void, NmeaError> CheckSum(std::string_view& body, bool required) {
  const size_t star = body.rfind('*');
  if (star == body.npos) {
    if (required) return Err(NmeaError::kNoChecksum);
    return Ok();
  }
  const auto said = HexByte(base::Trim(body.substr(star + 1)));
  body = body.substr(0, star);
  int sum = 0;
  for (const char c : body) sum ^= static_cast<unsigned char>(c);
  if (said != sum) return Err(NmeaError::kBadChecksum);
  return Ok();
}

/// All digits, as a number.
std::optional<int> Digits(std::string_view text) {
  int value = 0;
  if (text.empty() || text.size() > 6) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

/// Takes `\...*hh\` off the front.
Result<void, NmeaError> TakeTagBlock(std::string_view& line, NmeaSentence& sentence) {
  if (!line.starts_with('\\')) return Ok();
  const size_t end = line.find('\\', 1);
  if (end == line.npos) return Err(NmeaError::kNotASentence);
  std::string_view block = line.substr(1, end - 1);
  line.remove_prefix(end + 1);
  if (auto fine = CheckSum(block, true); !fine) return fine;
  while (!block.empty()) {
    const size_t comma = std::min(block.find(','), block.size());
    const std::string_view field = block.substr(0, comma);
    if (field.starts_with("c:")) {
      sentence.received_at = ParseFileTime(field.substr(2), TimeFormat::kAny);
    }
    block.remove_prefix(std::min(comma + 1, block.size()));
  }
  return Ok();
}

}  // namespace

const char* ToString(NmeaError error) {
  switch (error) {
    case NmeaError::kNoChecksum:
      return "no_checksum";
    case NmeaError::kBadChecksum:
      return "bad_checksum";
    case NmeaError::kTooManyFields:
      return "too_many_fields";
    case NmeaError::kNotASentence:
      break;
  }
  return "not_a_sentence";
}

std::string_view NmeaSentence::type() const {
  return address.size() == 5 && address[0] != 'P' ? address.substr(2) : std::string_view();
}

Result<NmeaSentence, NmeaError> ParseNmea(std::string_view line, bool require_checksum) {
  NmeaSentence sentence;
  line = base::Trim(line);
  if (auto taken = TakeTagBlock(line, sentence); !taken) return Err(taken.error());
  if (line.empty() || (line[0] != '$' && line[0] != '!')) return Err(NmeaError::kNotASentence);
  std::string_view body = line.substr(1);
  if (auto fine = CheckSum(body, require_checksum); !fine) return Err(fine.error());
  const size_t comma = std::min(body.find(','), body.size());
  sentence.address = body.substr(0, comma);
  body.remove_prefix(comma);
  if (sentence.address.size() < 2 || sentence.address.size() > 16 ||
      !std::all_of(sentence.address.begin(), sentence.address.end(), IsAddressChar)) {
    return Err(NmeaError::kNotASentence);
  }
  while (!body.empty()) {
    if (sentence.count == NmeaSentence::kMaxFields) return Err(NmeaError::kTooManyFields);
    body.remove_prefix(1);
    const size_t end = std::min(body.find(','), body.size());
    sentence.fields[sentence.count++] = body.substr(0, end);
    body.remove_prefix(end);
  }
  return sentence;
}

std::optional<std::chrono::milliseconds> NmeaTimeOfDay(std::string_view text) {
  if (text.size() < 6 || text.size() > 20) return std::nullopt;
  const auto hours = Digits(text.substr(0, 2));
  const auto minutes = Digits(text.substr(2, 2));
  const auto seconds = Digits(text.substr(4, 2));
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) {
    return std::nullopt;
  }
  double fraction = 0;
  if (text.size() > 6) {
    const auto parsed = ParseNumber("0" + std::string(text.substr(6)));
    if (text[6] != '.' || !parsed) return std::nullopt;
    fraction = *parsed;
  }
  const int ms = std::min(999, static_cast<int>(std::lround(fraction * 1000)));
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) +
         std::chrono::seconds(std::min(*seconds, 59)) + std::chrono::milliseconds(ms);
}

std::optional<std::chrono::sys_days> NmeaDate(std::string_view text) {
  if (text.size() != 6) return std::nullopt;
  const auto day = Digits(text.substr(0, 2));
  const auto month = Digits(text.substr(2, 2));
  const auto year = Digits(text.substr(4, 2));
  if (!day || !month || !year) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year + (*year >= 80 ? 1900 : 2000)),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

std::optional<double> NmeaDegrees(std::string_view text, std::string_view hemisphere) {
  if (hemisphere.size() != 1 || text.empty() || text[0] == '-' || text[0] == '+') {
    return std::nullopt;
  }
  const bool latitude = hemisphere == "N" || hemisphere == "S";
  if (!latitude && hemisphere != "E" && hemisphere != "W") return std::nullopt;
  const auto value = ParseNumber(text);
  if (!value) return std::nullopt;
  const double whole = std::floor(*value / 100);
  const double minutes = *value - whole * 100;
  const double degrees = whole + minutes / 60;
  if (minutes >= 60 || degrees > (latitude ? 90 : 180)) return std::nullopt;
  return hemisphere == "S" || hemisphere == "W" ? -degrees : degrees;
}

}  // namespace trackwire::formats
