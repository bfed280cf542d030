#include "formats/fields.h"

#include <charconv>
#include <cmath>

#include "base/json_scanner.h"
#include "base/text.h"

namespace trackwire::formats {
namespace {

constexpr size_t kMaxTextBytes = 128;
constexpr size_t kMaxObjectBytes = 16'384;
constexpr double kFirstMillis = 1e11;
constexpr double kLastMillis = 4e13;

std::optional<double> InRange(std::optional<double> value, double least, double most) {
  if (!value || !(*value >= least && *value <= most)) return std::nullopt;
  return value;
}

std::optional<WallTime> EpochTime(double value, TimeFormat format) {
  const bool millis =
      format == TimeFormat::kEpochMillis || (format == TimeFormat::kAny && value > kFirstMillis);
  const double ms = millis ? value : value * 1000;
  if (!(ms >= 1 && ms <= kLastMillis)) return std::nullopt;
  return WallTime(std::chrono::milliseconds(std::llround(ms)));
}

}  // namespace

std::optional<double> ParseNumber(std::string_view text) {
  text = base::Trim(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::optional<WallTime> ParseFileTime(std::string_view text, TimeFormat format) {
  text = base::Trim(text);
  if (format != TimeFormat::kIso) {
    if (const auto number = ParseNumber(text)) return EpochTime(*number, format);
    if (format != TimeFormat::kAny) return std::nullopt;
  }
  if (text.size() < 19 || text.size() > 64) return std::nullopt;
  std::string iso(text);
  if (iso[10] == ' ') iso[10] = 'T';
  const bool has_zone = iso.find_first_of("Zz+-", 19) != std::string::npos;
  const auto time = base::ParseTime(has_zone ? iso : iso + "Z");
  if (!time || time->time_since_epoch().count() <= 0) return std::nullopt;
  return time;
}

bool IsPlace(double latitude, double longitude) {
  return std::fabs(latitude) <= 90 && std::fabs(longitude) <= 180;
}

std::optional<double> Angle(std::optional<double> degrees) {
  if (degrees == 360) return 0;
  return InRange(degrees, 0, std::nextafter(360.0, 0.0));
}
std::optional<double> Speed(std::optional<double> mps) { return InRange(mps, 0, 100'000); }
std::optional<double> Accuracy(std::optional<double> metres) {
  return InRange(metres, 0, 100'000'000);
}
std::optional<double> Altitude(std::optional<double> metres) {
  return InRange(metres, -20'000, 100'000'000);
}
std::optional<double> Battery(std::optional<double> percent) { return InRange(percent, 0, 100); }

std::optional<bool> ParseTruth(std::string_view text) {
  text = base::Trim(text);
  if (text == "1" || base::EqualsIgnoreCase(text, "true")) return true;
  if (text == "0" || base::EqualsIgnoreCase(text, "false")) return false;
  return std::nullopt;
}

tracking::Motion ParseMotion(std::string_view text) {
  text = base::Trim(text);
  if (text == "moving") return tracking::Motion::kMoving;
  if (text == "stopped") return tracking::Motion::kStopped;
  return tracking::Motion::kUnknown;
}

std::string FlatObject(std::string_view text) {
  text = base::Trim(text);
  if (text.empty() || text.size() > kMaxObjectBytes) return "";
  const auto value = base::ScanJson(text, 1);
  return value && value->is_object() ? std::string(text) : "";
}

std::string_view ShortText(std::string_view text) {
  text = base::Trim(text);
  if (text.size() > kMaxTextBytes || !base::IsUtf8(text)) return {};
  for (const unsigned char c : text) {
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return {};
  }
  return text;
}

}  // namespace trackwire::formats
