#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tracking/position.h"

namespace trackwire::formats {

/// An id as files carry it: a number by its digits, a text as it is. A text that could be taken for
/// a number, or that would not survive a file (spaces at its ends, control characters, a quote in
/// front), stands as JSON: `"7"`.
std::string IdText(const tracking::Id& id);

/// The id that IdText() made `text` of; digits alone are a number. Nothing when it is no id.
std::optional<tracking::Id> ParseIdText(std::string_view text);

}  // namespace trackwire::formats
