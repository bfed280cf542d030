#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace trackwire::formats {

enum class AisError : uint8_t {
  kBadPayload,   ///< a character that is none of its alphabet, or impossible fill bits
  kTooShort,     ///< for its type
  kUnsupported,  ///< a type that says nothing of a vessel's place or name
};
const char* ToString(AisError error);

/// What one AIS message says, in degrees, metres and m/s; sentinels are unknown.
struct AisMessage {
  int type = 0;
  uint32_t mmsi = 0;
  bool reports_place = false;  ///< of a type that says where, even if `latitude` is unknown
  std::optional<double> latitude;
  std::optional<double> longitude;
  std::optional<double> speed_mps;
  std::optional<double> course_deg;
  std::optional<double> heading_deg;
  std::optional<double> altitude_m;
  std::optional<double> accuracy_m;  ///< 10 where the message promises that much
  std::optional<int> second;         ///< of the minute of the fix
  std::string name;
  std::string call_sign;
  uint32_t imo = 0;
  std::optional<int> ship_type;
  int length_m = 0;
};

/// Decodes the payload of an AIVDM sentence, its parts put together. Types 1, 2, 3, 5, 9, 18, 19,
/// 24 and 27. Any thread. Spec: ITU-R M.1371-5; IEC 61162-1 for the armour.
Result<AisMessage, AisError> DecodeAis(std::string_view payload, int fill_bits);

}  // namespace trackwire::formats
