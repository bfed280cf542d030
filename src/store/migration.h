#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace trackwire::store {

/// How far a schema is. The versions of SQLite's and of PostgreSQL's schema count apart.
struct SchemaState {
  int version = 0;                   ///< 0: there is no schema yet, perhaps not even a file
  int newest = 0;                    ///< that this program knows
  std::vector<std::string> missing;  ///< what each step from `version` to `newest` does, in order
};

/// Looks at the store of `url`, as OpenStore() takes it, and changes nothing; also when the schema
/// is of a later version. Errors: `bad_url`, `cannot_open`, `unavailable`, `corrupt`.
Result<SchemaState> CheckSchema(const std::string& url);

/// Brings the schema up to date: each step once and in a transaction of its own (those of a new
/// PostgreSQL database all in one), however many processes do so. `on_step` hears of each before it
/// is made: the version it leads to, and what it does. Errors: also `too_new`. What an error
/// interrupts can go on later.
using OnMigrationStep = std::function<void(int version, const std::string& what)>;
Result<void> MigrateStore(const std::string& url, const OnMigrationStep& on_step);

}  // namespace trackwire::store
