#pragma once

#include <algorithm>
#include <limits>

#include "store/history.h"
#include "store/tracker_columns.h"

namespace trackwire::store {

/// The fix times that a query asks for, in [from, to) and after its mark.
struct HistoryRange {
  int64_t from = 0;
  int64_t to = 0;
};

inline HistoryRange RangeOf(const HistoryQuery& query) {
  HistoryRange range{ToMillis(query.from), ToMillis(query.to)};
  if (!query.after) return range;
  const int64_t after = ToMillis(*query.after);
  if (query.newest_first) {
    range.to = std::min(range.to, after);
  } else if (after < std::numeric_limits<int64_t>::max()) {
    range.from = std::max(range.from, after + 1);
  } else {
    range.from = after;
    range.to = after;
  }
  return range;
}

/// A limit as databases count.
inline int64_t LimitOf(const HistoryQuery& query) {
  constexpr auto kMost = static_cast<size_t>(std::numeric_limits<int64_t>::max());
  return static_cast<int64_t>(std::min(query.limit, kMost));
}

}  // namespace trackwire::store
