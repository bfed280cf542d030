#pragma once

#include <memory>
#include <string>

#include "base/sqlite.h"
#include "store/history.h"

namespace trackwire::store {

/// Histories in one SQLite file.
class SqliteHistory final : public HistoryReader {
 public:
  static Result<std::unique_ptr<HistoryReader>> Open(const std::string& path);
  Result<std::vector<tracking::Position>> Read(const HistoryQuery& query) override;

 private:
  SqliteHistory(std::unique_ptr<base::SqliteDb> db, base::SqliteStatement oldest_first,
                base::SqliteStatement newest_first);

  std::unique_ptr<base::SqliteDb> db_;
  base::SqliteStatement oldest_first_;
  base::SqliteStatement newest_first_;
};

}  // namespace trackwire::store
