#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace trackwire::formats {

/// The ways a line can be no sentence.
enum class NmeaError : uint8_t {
  kNotASentence,  ///< it does not begin with `$` or `!`, or its address is none
  kNoChecksum,
  kBadChecksum,
  kTooManyFields,
};
/// As a reason: `bad_checksum`.
const char* ToString(NmeaError error);

/// One sentence; borrows from its line.
struct NmeaSentence {
  static constexpr size_t kMaxFields = 40;

  std::string_view address;  ///< talker and type: `GNRMC`; or `P` and what a maker appends
  std::array<std::string_view, kMaxFields> fields;
  size_t count = 0;
  std::optional<WallTime> received_at;  ///< of the `c:` in a tag block before the sentence

  /// The last three letters for a talker's sentence: `RMC`. Empty for makers' own.
  std::string_view type() const;
  /// Empty beyond the last.
  std::string_view field(size_t index) const {
    return index < count ? fields[index] : std::string_view();
  }
};

/// Takes a line without its line break apart and checks its checksum, and that of a tag block.
/// Linear, no allocation. Any thread. Spec: NMEA 0183; tag blocks: NMEA 0183 4.00, 7.
Result<NmeaSentence, NmeaError> ParseNmea(std::string_view line, bool require_checksum);

/// hhmmss with any fraction in milliseconds since midnight; nothing when it is none. A leap second
/// is the one before it.
std::optional<std::chrono::milliseconds> NmeaTimeOfDay(std::string_view text);
/// ddmmyy; years from 80 on are 19xx.
std::optional<std::chrono::sys_days> NmeaDate(std::string_view text);
/// ddmm.mmmm or dddmm.mmmm and its hemisphere, in degrees; nothing when out of range.
std::optional<double> NmeaDegrees(std::string_view text, std::string_view hemisphere);

}  // namespace trackwire::formats
