#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"

namespace trackwire::formats {

/// Whether `pattern` is made of %Y %m %d %H %M %S %z %% and other characters as they are, and says
/// at least a whole date.
bool IsTimePattern(std::string_view pattern);

/// The time that `text` says in the form of `pattern`, all of it. %Y has four digits, the others
/// one or two; %S may have a fraction, cut to milliseconds; %z is `Z`, `+02:00` or `+0200`.
/// `zone_minutes` (east of UTC) is for patterns without %z. Any thread.
std::optional<WallTime> ParseTimeBy(std::string_view pattern, std::string_view text,
                                    int zone_minutes);

}  // namespace trackwire::formats
