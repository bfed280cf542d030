#pragma once

#include <atomic>
#include <limits>
#include <string>
#include <vector>

#include "fetcher/providers/replay.h"

namespace trackwire::fetcher {

/// One recorded fix, kept small: a file has many. NaN means unknown.
struct RecordedFix {
  int64_t time_ms = 0;  ///< since the epoch, as recorded
  double latitude = 0;
  double longitude = 0;
  uint32_t tracker = 0;  ///< index into Recording::trackers
  float speed_mps = std::numeric_limits<float>::quiet_NaN();
  float course_deg = std::numeric_limits<float>::quiet_NaN();
  float heading_deg = std::numeric_limits<float>::quiet_NaN();
  float altitude_m = std::numeric_limits<float>::quiet_NaN();
  float accuracy_m = std::numeric_limits<float>::quiet_NaN();
};

/// A recorded file in memory, in the order of time.
struct Recording {
  std::vector<RecordedFix> fixes;
  std::vector<tracking::Tracker> trackers;
  size_t bad_rows = 0;
};

/// Reads the whole of `options.path`. Errors as in MakeReplay().
Result<Recording> LoadRecording(const ReplayOptions& options, const std::atomic<bool>& cancelled);

}  // namespace trackwire::fetcher
