#pragma once

#include <memory>
#include <string>

#include "base/sqlite.h"
#include "store/revisions.h"

namespace trackwire::store {

/// Says that `part` changes, within the transaction that changes it.
Result<void> BumpRevision(base::SqliteDb& db, std::string_view part);

/// Revisions in one SQLite file.
class SqliteRevisions final : public RevisionReader {
 public:
  static Result<std::unique_ptr<RevisionReader>> Open(const std::string& path);
  Result<Revisions> Read() override;

 private:
  SqliteRevisions(std::unique_ptr<base::SqliteDb> db, base::SqliteStatement select);

  std::unique_ptr<base::SqliteDb> db_;
  base::SqliteStatement select_;
};

}  // namespace trackwire::store
