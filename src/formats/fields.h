#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "formats/csv_mapping.h"
#include "tracking/position.h"

namespace trackwire::formats {

/// All of `text`, spaces at its ends aside, as a finite number.
std::optional<double> ParseNumber(std::string_view text);

/// A time as files write it; nothing for the epoch, what lies before it and what is none.
std::optional<WallTime> ParseFileTime(std::string_view text, TimeFormat format = TimeFormat::kIso);

/// Whether both are finite and in range.
bool IsPlace(double latitude, double longitude);

/// A direction in [0, 360), where 360 is 0; nothing for what is none.
std::optional<double> Angle(std::optional<double> degrees);
/// A speed in m/s, accuracy or altitude in m, level of a battery in percent, as they can be.
std::optional<double> Speed(std::optional<double> mps);
std::optional<double> Accuracy(std::optional<double> metres);
std::optional<double> Altitude(std::optional<double> metres);
std::optional<double> Battery(std::optional<double> percent);

/// `true`, `false`, 1 or 0 in any capitals.
std::optional<bool> ParseTruth(std::string_view text);
tracking::Motion ParseMotion(std::string_view text);
/// `text` when it is a JSON object of moderate size that holds scalars alone, else the empty
/// string.
std::string FlatObject(std::string_view text);
/// `text` trimmed, or nothing when it is not UTF-8, has control characters or is longer than names
/// and the like are.
std::string_view ShortText(std::string_view text);

}  // namespace trackwire::formats
