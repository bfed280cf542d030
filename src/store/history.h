#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "tracking/tracker.h"

namespace trackwire::store {

/// A part of the history of one tracker. A fix time stands once in it, so it names a place.
struct HistoryQuery {
  tracking::Id tracker;
  WallTime from{};                ///< from this fix time on
  WallTime to = WallTime::max();  ///< before this one
  bool newest_first = false;
  std::optional<WallTime> after;  ///< only what follows this fix time in the order asked for
  size_t limit = 1'000;
};

/// Reads positions, by index alone however long the history is. Blocking; one thread at a time,
/// never a loop that serves clients. Errors as Store; a tracker that is not there has no history.
class HistoryReader {
 public:
  virtual ~HistoryReader() = default;
  virtual Result<std::vector<tracking::Position>> Read(const HistoryQuery& query) = 0;
};

/// For a `url` as OpenStore() takes it, whose schema is brought up to date first.
Result<std::unique_ptr<HistoryReader>> OpenHistory(const std::string& url);

}  // namespace trackwire::store
