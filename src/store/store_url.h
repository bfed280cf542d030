#pragma once

#include <string>

#include "base/result.h"

namespace trackwire::store {

/// Whether `url` names a PostgreSQL database rather than an SQLite file.
bool IsPostgresUrl(const std::string& url);

/// The path of the file that `url` names; ":memory:" for a database in memory. Errors: `bad_url`.
Result<std::string> SqlitePath(const std::string& url);

/// Whether OpenStore() could make sense of `url`. Errors: `bad_url`, without a word of a PostgreSQL
/// URL, which may hold a password.
Result<void> CheckUrl(const std::string& url);

/// `url` for people: of a PostgreSQL URL the host and the database alone, as
/// `postgresql://host:port/database`.
std::string DescribeUrl(const std::string& url);

}  // namespace trackwire::store
