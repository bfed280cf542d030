#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "tracking/position.h"

namespace trackwire::formats {

/// The position in a notification that somebody else has written.
struct ToldPosition {
  tracking::Fix fix;  ///< to be checked by CheckFix()
  tracking::Motion motion = tracking::Motion::kUnknown;
  /// The notification with its place and time as ours have them, for who reads these alone; empty:
  /// it has them so already.
  std::string plain_json;
};

/// Reads the vocabulary of our own positions, and what publishers commonly write instead: `lat`,
/// `lon` or `lng`, in the object itself or in its `position`, `location` or `coords`; numbers as
/// texts; `timestamp`, `time` or `recorded_at` for the fix time, as RFC 3339, the same without a
/// zone (UTC, as Python's datetime writes it), or the epoch's seconds or milliseconds; `alt`,
/// `bearing`, `battery`. Without any time it is of `told_at`. Negative speeds and accuracies are
/// unknown. `source` is the publisher's word, or `notification`.
/// Errors: `bad_json`, `missing_place`, `bad_time`. Any thread.
Result<ToldPosition> ReadToldPosition(std::string_view notification, WallTime told_at);

}  // namespace trackwire::formats
