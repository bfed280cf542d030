#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/sqlite.h"
#include "broker/revocation_list.h"

namespace trackwire::broker {

/// A revocation on its way into the journal.
struct RevocationChange {
  Revocation revocation;
  std::function<void(Result<void>)> done;  ///< on the broker's loop
};

/// The table of revocations. Belongs to the journal and its thread.
class RevocationJournal {
 public:
  static Result<std::unique_ptr<RevocationJournal>> Make(base::SqliteDb& db);

  Result<std::vector<Revocation>> All(WallTime now);
  /// Within the caller's transaction.
  Result<void> Write(const Revocation& revocation);
  /// Removes at most `limit` of those that are over.
  Result<void> Expire(WallTime now, size_t limit);

 private:
  RevocationJournal(base::SqliteStatement all, base::SqliteStatement put,
                    base::SqliteStatement expire);

  base::SqliteStatement all_;
  base::SqliteStatement put_;
  base::SqliteStatement expire_;
};

}  // namespace trackwire::broker
