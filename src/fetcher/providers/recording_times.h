#pragma once

#include <chrono>
#include <limits>

#include "fetcher/providers/recording.h"

namespace trackwire::fetcher {

/// The time of a fix of which the file does not say when it was.
inline constexpr int64_t kNoTime = std::numeric_limits<int64_t>::min();

/// Gives every fix without a time one: after the one before it of its tracker, as long as the way
/// takes at the recorded speed, else `step`; those before the first known time are counted back
/// from it. A tracker without any time starts with the others, or at the epoch. `fixes` are in the
/// order of the file.
void FillTimes(std::vector<RecordedFix>& fixes, size_t trackers, std::chrono::milliseconds step);

/// Cuts each span without fixes down to `max_gap`. `fixes` are in the order of time.
void CutGaps(std::vector<RecordedFix>& fixes, std::chrono::milliseconds max_gap);

/// Adds the trackers and fixes of `copies` - 1 more, each `offset` ahead of the one before and
/// around the end of the recording; 0: spread over it. Leaves the fixes unsorted.
void AddCopies(Recording& recording, size_t copies, std::chrono::milliseconds offset);

}  // namespace trackwire::fetcher
