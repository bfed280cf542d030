#pragma once

#include <optional>

#include "api/tracker_reader.h"
#include "net/http/message.h"

namespace trackwire::api {

/// What `GET /api/trackers` is asked for beyond everything.
struct TrackerQuery {
  TrackerFilter filter;
  std::optional<tracking::Id> after;
  size_t limit = TrackerReader::kMaxTrackers;
};

/// Reads `client`, `connectivity`, `motion`, `bbox=west,south,east,north`, `search`, `limit` (1 to
/// 1,000) and `after`; nothing when none of them is there. Error: `invalid_request`.
Result<std::optional<TrackerQuery>> ReadTrackerQuery(const net::http::Query& query);

/// The parameter `limit`, from 1 to `max`, else `fallback`. Error: `invalid_request`.
Result<size_t> ReadLimit(const net::http::Query& query, size_t fallback, size_t max);

}  // namespace trackwire::api
