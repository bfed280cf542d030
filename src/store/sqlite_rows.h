#pragma once

#include <string>

#include "base/sqlite.h"
#include "store/tracker_columns.h"
#include "tracking/tracker.h"

namespace trackwire::store {

/// Binds kPositionColumns from parameter `at` on; `position` is borrowed as Bind() says.
void BindPosition(base::SqliteStatement& statement, int at, const tracking::Position& position);
/// Reads kPositionColumns from column `at` on.
tracking::Position ReadPosition(const base::SqliteStatement& row, int at, tracking::Id id);
/// Reads kTrackerColumns from column 0 on. Errors: `corrupt`.
Result<tracking::Tracker> ReadTracker(const base::SqliteStatement& row);
/// Binds text, or null when there is none; `text` is borrowed as Bind() says.
void BindOptionalText(base::SqliteStatement& statement, int at,
                      const std::optional<std::string>& text);

}  // namespace trackwire::store
