#include "geocoding/online_answer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "geocoding/great_circle.h"

namespace trackwire::geocoding {
namespace {

using base::JsonValue;

constexpr uint32_t kMaxDepth = 24;
constexpr size_t kMaxNumberBytes = 40;

/// The length of the character that begins `text`, which is UTF-8 and not empty.
size_t CharacterBytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(bytes, text.size());
}

/// Characters that are no part of a name and may spoil the page or a log where it is shown.
bool IsUnwanted(std::string_view character) {
  if (character.size() == 1) return character[0] < 0x20 || character[0] == 0x7f;
  if (character.size() == 2) return character >= "\xC2\x80" && character <= "\xC2\x9F";
  if (character == "\xEF\xBB\xBF") return true;
  return (character >= "\xE2\x80\xA8" && character <= "\xE2\x80\xAE") ||
         (character >= "\xE2\x81\xA6" && character <= "\xE2\x81\xA9");
}

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string TextOf(const JsonValue& value) {
  if (value.is_string()) return CleanText(base::DecodeJsonString(value.text), kMaxNameBytes);
  if (value.is_number() && base::JsonInteger(value)) return std::string(value.text);
  return {};
}

}  // namespace

Result<JsonValue, AnswerError> ScanAnswer(std::string_view body) {
  if (body.size() > kMaxAnswerBytes) return Err(AnswerError{AnswerFault::kBad, "it is too large"});
  const auto scanned = base::ScanJson(body, kMaxDepth);
  if (!scanned) {
    const bool cut = scanned.error() == base::JsonError::kTruncated ||
                     scanned.error() == base::JsonError::kEmpty;
    return Err(AnswerError{cut ? AnswerFault::kCut : AnswerFault::kBad,
                           std::string("it is not JSON: ") + base::ToString(scanned.error())});
  }
  if (!scanned->is_object()) return Err(AnswerError{AnswerFault::kBad, "it is not a JSON object"});
  return *scanned;
}

std::string CleanText(std::string_view text, size_t max_bytes) {
  std::string out;
  bool space = false;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, CharacterBytes(text));
    text.remove_prefix(character.size());
    if (character == " " || IsUnwanted(character)) {
      space = !out.empty();
      continue;
    }
    if (out.size() + (space ? 1 : 0) + character.size() > max_bytes) break;
    if (space) out += ' ';
    space = false;
    out += character;
  }
  return out;
}

std::string FirstText(JsonValue object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const auto value = base::FindMember(object, name);
    std::string text = value ? TextOf(*value) : std::string();
    if (!text.empty()) return text;
  }
  return {};
}

std::string CountryCode(JsonValue object, std::string_view name) {
  std::string code = FirstText(object, {name});
  if (code.size() != 2 || !IsLetter(code[0]) || !IsLetter(code[1])) return {};
  for (char& letter : code) letter = static_cast<char>(letter & ~0x20);
  return code;
}

std::optional<double> AnswerNumber(std::optional<JsonValue> value) {
  if (!value) return std::nullopt;
  if (value->is_number()) return base::JsonNumber(*value);
  if (!value->is_string() || value->text.size() > kMaxNumberBytes) return std::nullopt;
  const std::string_view text = base::Trim(value->text.substr(1, value->text.size() - 2));
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::optional<std::array<double, 4>> FourNumbers(std::optional<JsonValue> value) {
  if (!value || !value->is_array()) return std::nullopt;
  base::JsonArrayReader reader(*value);
  std::array<double, 4> numbers{};
  for (double& number : numbers) {
    const auto read = AnswerNumber(reader.Next());
    if (!read) return std::nullopt;
    number = *read;
  }
  return numbers;
}

bool IsNearEnough(const ObjectPlace& object, const Place& asked, double max_distance_m,
                  Address& address) {
  const GreatCircle way = GreatCircleOf(object.latitude, object.longitude, asked.latitude,
                                        asked.longitude);
  address.distance_m = std::round(way.distance_m);
  address.bearing = std::fmod(std::round(way.bearing), 360);
  if (way.distance_m <= max_distance_m) return true;
  // The middle of a long street or of a town is far from most of it. A country is no address.
  if (!object.extent || (address.road.empty() && address.city.empty())) return false;
  const ObjectPlace::Extent& extent = *object.extent;
  return asked.latitude >= extent.south && asked.latitude <= extent.north &&
         asked.longitude >= extent.west && asked.longitude <= extent.east;
}

std::string DisplayName(const Address& address, std::string_view name) {
  std::string line;
  std::vector<std::string_view> said;
  const auto add = [&](std::string_view before, std::string_view part) {
    const bool again = std::find(said.begin(), said.end(), part) != said.end();
    if (again) part = {};
    if (!part.empty()) said.push_back(part);
    if (before.empty() && part.empty()) return;
    if (!line.empty()) line += ", ";
    line += before;
    if (!before.empty() && !part.empty()) line += ' ';
    line += part;
  };
  const bool is_part = name == address.road || name == address.city || name == address.state ||
                       name == address.country;
  if (!is_part) add("", name);
  add(address.house_number, address.road);
  add(address.postcode, address.city);
  add("", address.state);
  add("", address.country);
  return CleanText(line, kMaxLineBytes);
}

std::string CoordinateText(double degrees) {
  std::array<char, 64> text;
  CHECK(std::isfinite(degrees) && std::fabs(degrees) <= 360);
  // Adding zero turns a negative zero into a plain one.
  const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), degrees + 0.0,
                                          std::chars_format::fixed, 7);
  CHECK(error == std::errc());
  return std::string(text.data(), end);
}

std::string ExtendUrl(const std::string& url, std::string_view path, std::string_view query) {
  const std::string_view whole = std::string_view(url).substr(0, url.find('#'));
  const size_t question = std::min(whole.find('?'), whole.size());
  std::string_view begin = whole.substr(0, question);
  while (begin.ends_with('/')) begin.remove_suffix(1);
  const std::string_view own = whole.substr(std::min(question + 1, whole.size()));
  std::string out(begin);
  out.append(path).append("?").append(own);
  if (!own.empty() && !own.ends_with('&')) out += '&';
  return out.append(query);
}

}  // namespace trackwire::geocoding
