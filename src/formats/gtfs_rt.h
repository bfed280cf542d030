#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "formats/report.h"

namespace trackwire::formats {

/// What a GTFS-Realtime feed held.
struct GtfsFeed {
  std::vector<Report> reports;
  uint64_t bad = 0;              ///< vehicles without a place or a name, skipped
  std::optional<WallTime> time;  ///< of the feed itself
  bool differential = false;     ///< vehicles not in it are where they were
};

/// Reads the vehicles of a FeedMessage that arrived at `received_at`. Trips and alerts are skipped.
///
/// `external_id` is the vehicle's id, else its label, else the id of the entity, which some feeds
/// change with every answer. A vehicle without a time of its own has that of the feed, and
/// `"time_estimated":true` among its attributes. Coordinates are 32-bit floats in the source.
/// Errors: `bad_message` (no protobuf, or no header), `too_many` (entities). The memory it takes is
/// bounded by the size of `bytes`. Any thread.
/// Spec: https://gtfs.org/documentation/realtime/reference/
Result<GtfsFeed> ReadGtfsRealtime(std::string_view bytes, WallTime received_at);

}  // namespace trackwire::formats
