#pragma once

#include <string>
#include <vector>

#include "store/postgres_values.h"
#include "store/tracker_columns.h"
#include "tracking/tracker.h"

namespace trackwire::store {

/// Adds the ids of trackers and kPositionColumns, as arrays in this order.
void AddPositions(PgParams& params, const std::vector<tracking::Position>& positions);
/// Reads kPositionColumns from column `at` on.
tracking::Position ReadPosition(const PgRows& rows, int row, int at, tracking::Id id);

/// Adds kTrackerColumns, as arrays in this order.
void AddTrackers(PgParams& params, const std::vector<tracking::Tracker>& trackers);
/// Reads kTrackerColumns from column 0 on. Errors: `corrupt`.
Result<tracking::Tracker> ReadTracker(const PgRows& rows, int row);

}  // namespace trackwire::store
