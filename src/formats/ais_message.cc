#include "formats/ais_message.h"

#include <algorithm>
#include <vector>

#include "formats/units.h"

namespace trackwire::formats {
namespace {

constexpr double kAccurateM = 10;

/// The bits of a message, most significant first.
class Bits {
 public:
  static std::optional<Bits> FromArmour(std::string_view payload, int fill_bits) {
    if (payload.empty() || fill_bits < 0 || fill_bits > 5) return std::nullopt;
    Bits bits;
    bits.sixes_.reserve(payload.size());
    for (const char c : payload) {
      int value = c - 48;
      if (value > 40) value -= 8;
      // Between the two halves of the alphabet lie eight characters that stand for nothing.
      if (value < 0 || value > 63 || (c > 'W' && c < '`')) return std::nullopt;
      bits.sixes_.push_back(static_cast<uint8_t>(value));
    }
    bits.size_ = payload.size() * 6 - static_cast<size_t>(fill_bits);
    return bits;
  }

  size_t size() const { return size_; }
  /// Bits beyond the end are 0.
  uint32_t Unsigned(size_t first, size_t last) const {
    uint32_t value = 0;
    for (size_t i = first; i <= last; ++i) value = value << 1 | Bit(i);
    return value;
  }
  int32_t Signed(size_t first, size_t last) const {
    const auto value = static_cast<int32_t>(Unsigned(first, last));
    const size_t width = last - first + 1;
    return Bit(first) != 0 ? value - static_cast<int32_t>(1u << width) : value;
  }
  /// Six-bit text, cut at the first `@` and without spaces at its end.
  std::string Text(size_t first, size_t last) const {
    std::string text;
    for (size_t at = first; at + 5 <= last && at + 6 <= size_; at += 6) {
      const uint32_t six = Unsigned(at, at + 5);
      if (six == 0) break;
      text += static_cast<char>(six < 32 ? six + 64 : six);
    }
    while (text.ends_with(' ')) text.pop_back();
    return text.substr(std::min(text.find_first_not_of(' '), text.size()));
  }

 private:
  uint32_t Bit(size_t at) const { return at < size_ ? sixes_[at / 6] >> (5 - at % 6) & 1u : 0u; }

  std::vector<uint8_t> sixes_;
  size_t size_ = 0;
};

/// Where a position report keeps its fields: the first bits of each.
struct PlaceLayout {
  size_t speed, accuracy, longitude, latitude, course, heading, second;
};
constexpr PlaceLayout kClassA{50, 60, 61, 89, 116, 128, 137};
constexpr PlaceLayout kClassB{46, 56, 57, 85, 112, 124, 133};

void ReadSecond(uint32_t second, AisMessage& message) {
  if (second < 60) message.second = static_cast<int>(second);
}

void ReadDegrees(int32_t longitude, int32_t latitude, double steps, AisMessage& message) {
  message.reports_place = true;
  const double lon = longitude / steps;
  const double lat = latitude / steps;
  if (lon < -180 || lon > 180 || lat < -90 || lat > 90) return;
  message.longitude = lon;
  message.latitude = lat;
}

void ReadPlace(const Bits& bits, const PlaceLayout& at, AisMessage& message) {
  const uint32_t speed = bits.Unsigned(at.speed, at.speed + 9);
  if (speed < 1023) message.speed_mps = MetresPerSecond(speed / 10.0, SpeedUnit::kKnots);
  if (bits.Unsigned(at.accuracy, at.accuracy) != 0) message.accuracy_m = kAccurateM;
  ReadDegrees(bits.Signed(at.longitude, at.longitude + 27),
              bits.Signed(at.latitude, at.latitude + 26), 600'000, message);
  const uint32_t course = bits.Unsigned(at.course, at.course + 11);
  if (course < 3600) message.course_deg = course / 10.0;
  const uint32_t heading = bits.Unsigned(at.heading, at.heading + 8);
  if (heading < 360) message.heading_deg = heading;
  ReadSecond(bits.Unsigned(at.second, at.second + 5), message);
}

void ReadAircraft(const Bits& bits, AisMessage& message) {
  const uint32_t altitude = bits.Unsigned(38, 49);
  if (altitude < 4095) message.altitude_m = altitude;
  const uint32_t speed = bits.Unsigned(50, 59);
  if (speed < 1023) message.speed_mps = MetresPerSecond(speed, SpeedUnit::kKnots);
  if (bits.Unsigned(60, 60) != 0) message.accuracy_m = kAccurateM;
  ReadDegrees(bits.Signed(61, 88), bits.Signed(89, 115), 600'000, message);
  const uint32_t course = bits.Unsigned(116, 127);
  if (course < 3600) message.course_deg = course / 10.0;
  ReadSecond(bits.Unsigned(128, 133), message);
}

void ReadLongRange(const Bits& bits, AisMessage& message) {
  if (bits.Unsigned(38, 38) != 0) message.accuracy_m = kAccurateM;
  ReadDegrees(bits.Signed(44, 61), bits.Signed(62, 78), 600, message);
  const uint32_t speed = bits.Unsigned(79, 84);
  if (speed < 63) message.speed_mps = MetresPerSecond(speed, SpeedUnit::kKnots);
  const uint32_t course = bits.Unsigned(85, 93);
  if (course < 360) message.course_deg = course;
}

/// To bow and to stern, nine bits each from `at` on.
void ReadLength(const Bits& bits, size_t at, AisMessage& message) {
  message.length_m = static_cast<int>(bits.Unsigned(at, at + 8) + bits.Unsigned(at + 9, at + 17));
}

void ReadShipType(uint32_t type, AisMessage& message) {
  if (type != 0) message.ship_type = static_cast<int>(type);
}

void ReadVoyage(const Bits& bits, AisMessage& message) {
  message.imo = bits.Unsigned(40, 69);
  message.call_sign = bits.Text(70, 111);
  message.name = bits.Text(112, 231);
  ReadShipType(bits.Unsigned(232, 239), message);
  ReadLength(bits, 240, message);
}

void ReadClassBExtended(const Bits& bits, AisMessage& message) {
  ReadPlace(bits, kClassB, message);
  message.name = bits.Text(143, 262);
  ReadShipType(bits.Unsigned(263, 270), message);
  ReadLength(bits, 271, message);
}

void ReadStatic(const Bits& bits, AisMessage& message) {
  if (bits.Unsigned(38, 39) == 0) {
    message.name = bits.Text(40, 159);
    return;
  }
  ReadShipType(bits.Unsigned(40, 47), message);
  message.call_sign = bits.Text(90, 131);
  // An auxiliary craft (98…) says there whose it is.
  if (message.mmsi / 10'000'000 != 98) ReadLength(bits, 132, message);
}

/// How long a message must be to be read; 0: its type is none of those we read.
size_t LeastBits(int type) {
  switch (type) {
    case 1:
    case 2:
    case 3:
    case 9:
    case 18:
      return 168;
    case 5:
      return 420;  // some leave out the last four, which are spare
    case 19:
      return 308;
    case 24:
      return 160;
    case 27:
      return 96;
    default:
      return 0;
  }
}

}  // namespace

const char* ToString(AisError error) {
  switch (error) {
    case AisError::kTooShort:
      return "ais_too_short";
    case AisError::kUnsupported:
      return "ais_unsupported";
    case AisError::kBadPayload:
      break;
  }
  return "ais_bad_payload";
}

Result<AisMessage, AisError> DecodeAis(std::string_view payload, int fill_bits) {
  const auto bits = Bits::FromArmour(payload, fill_bits);
  if (!bits) return Err(AisError::kBadPayload);
  AisMessage message;
  message.type = static_cast<int>(bits->Unsigned(0, 5));
  message.mmsi = bits->Unsigned(8, 37);
  const size_t least = LeastBits(message.type);
  if (least == 0) return Err(AisError::kUnsupported);
  if (bits->size() < least) return Err(AisError::kTooShort);
  switch (message.type) {
    case 5:
      ReadVoyage(*bits, message);
      break;
    case 9:
      ReadAircraft(*bits, message);
      break;
    case 18:
      ReadPlace(*bits, kClassB, message);
      break;
    case 19:
      ReadClassBExtended(*bits, message);
      break;
    case 24:
      ReadStatic(*bits, message);
      break;
    case 27:
      ReadLongRange(*bits, message);
      break;
    default:
      ReadPlace(*bits, kClassA, message);
      break;
  }
  return message;
}

}  // namespace trackwire::formats
