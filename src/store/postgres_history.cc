#include "store/postgres_history.h"

#include <utility>

#include "store/history_range.h"
#include "store/postgres_rows.h"
#include "store/postgres_schema.h"

namespace trackwire::store {
namespace {

std::string SelectSql(const char* order) {
  return std::string("SELECT ") + kPositionColumns +
         " FROM positions WHERE tracker = (SELECT no FROM trackers WHERE id = $1) "
         "AND fix_time >= $2 AND fix_time < $3 ORDER BY fix_time " +
         order + " LIMIT $4";
}

}  // namespace

Result<std::unique_ptr<HistoryReader>> PostgresHistory::Open(const std::string& url) {
  auto db = OpenPostgres(url);
  if (!db) return Err(std::move(db.error()));
  return std::unique_ptr<HistoryReader>(new PostgresHistory(std::move(*db)));
}

Result<std::vector<tracking::Position>> PostgresHistory::Read(const HistoryQuery& query) {
  static const std::string kOldestFirst = SelectSql("ASC");
  static const std::string kNewestFirst = SelectSql("DESC");
  const HistoryRange range = RangeOf(query);
  PgParams params;
  params.Add(query.tracker.ToJson()).Add(range.from).Add(range.to).Add(LimitOf(query));
  auto rows = db_->Query((query.newest_first ? kNewestFirst : kOldestFirst).c_str(), params);
  if (!rows) return Err(std::move(rows.error()));
  std::vector<tracking::Position> positions;
  positions.reserve(static_cast<size_t>(rows->size()));
  for (int i = 0; i < rows->size(); ++i) {
    positions.push_back(ReadPosition(*rows, i, 0, query.tracker));
  }
  return positions;
}

}  // namespace trackwire::store
