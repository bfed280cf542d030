#include "store/sqlite_history.h"

#include <utility>

#include "store/history_range.h"
#include "store/sqlite_rows.h"
#include "store/sqlite_schema.h"

namespace trackwire::store {
namespace {

std::string SelectSql(const char* order) {
  return std::string("SELECT ") + kPositionColumns +
         " FROM positions WHERE tracker = (SELECT no FROM trackers WHERE id = ?) "
         "AND fix_time >= ? AND fix_time < ? ORDER BY fix_time " +
         order + " LIMIT ?";
}

}  // namespace

SqliteHistory::SqliteHistory(std::unique_ptr<base::SqliteDb> db, base::SqliteStatement oldest_first,
                             base::SqliteStatement newest_first)
    : db_(std::move(db)),
      oldest_first_(std::move(oldest_first)),
      newest_first_(std::move(newest_first)) {}

Result<std::unique_ptr<HistoryReader>> SqliteHistory::Open(const std::string& path) {
  auto db = base::SqliteDb::Open(path, {});
  if (!db) return Err(std::move(db.error()));
  if (auto done = (*db)->Migrate("store", kSqliteSchema); !done) {
    return Err(std::move(done.error()));
  }
  auto oldest_first = (*db)->Prepare(SelectSql("ASC"));
  if (!oldest_first) return Err(std::move(oldest_first.error()));
  auto newest_first = (*db)->Prepare(SelectSql("DESC"));
  if (!newest_first) return Err(std::move(newest_first.error()));
  return std::unique_ptr<HistoryReader>(
      new SqliteHistory(std::move(*db), std::move(*oldest_first), std::move(*newest_first)));
}

Result<std::vector<tracking::Position>> SqliteHistory::Read(const HistoryQuery& query) {
  const HistoryRange range = RangeOf(query);
  const std::string id = query.tracker.ToJson();
  base::SqliteStatement& rows = query.newest_first ? newest_first_ : oldest_first_;
  rows.Bind(1, std::string_view(id)).Bind(2, range.from).Bind(3, range.to);
  rows.Bind(4, LimitOf(query));
  std::vector<tracking::Position> positions;
  for (;;) {
    auto row = rows.Step();
    if (!row) return Err(std::move(row.error()));
    if (!*row) return positions;
    positions.push_back(ReadPosition(rows, 0, query.tracker));
  }
}

}  // namespace trackwire::store
