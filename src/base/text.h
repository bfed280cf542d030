#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace trackwire::base {

/// Whether `bytes` are UTF-8 without surrogates and overlong forms. Spec: RFC 3629.
bool IsUtf8(std::string_view bytes);

/// Checks UTF-8 that arrives in pieces: a character may be split anywhere.
class Utf8Checker {
 public:
  /// False as soon as no continuation could make the bytes valid.
  bool Feed(std::string_view bytes);
  /// Whether the text may end here.
  bool complete() const { return state_ == 0; }

 private:
  uint32_t state_ = 0;
  uint32_t code_point_ = 0;
};

/// Standard alphabet with padding. Spec: RFC 4648 section 4.
std::string Base64Encode(std::string_view bytes);
/// Strict: wrong alphabet, length, padding or non-zero trailing bits give nothing.
std::optional<std::string> Base64Decode(std::string_view text);
/// URL alphabet without padding. Spec: RFC 4648 section 5.
std::string Base64UrlEncode(std::string_view bytes);
std::optional<std::string> Base64UrlDecode(std::string_view text);

/// Undoes %XX; a `+` becomes a space when `plus_is_space`. Broken escapes give nothing.
std::optional<std::string> PercentDecode(std::string_view text, bool plus_is_space);

/// RFC 3339 in UTC with milliseconds: 2026-11-23T06:41:34.250Z.
std::string FormatTime(WallTime time);
/// RFC 3339 with any offset, fraction cut to milliseconds; nothing when it is no such time.
std::optional<WallTime> ParseTime(std::string_view text);

/// `count` bytes of the system's random generator. Any thread.
std::string RandomBytes(size_t count);

bool EqualsIgnoreCase(std::string_view a, std::string_view b);
std::string_view Trim(std::string_view text);

}  // namespace trackwire::base
