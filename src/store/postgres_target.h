#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace trackwire::store {

/// Where a PostgreSQL database is and how to sign in there.
///
/// What the URL leaves out comes from where libpq looks: PGPASSWORD, ~/.pgpass, PGSSLMODE and so
/// on.
struct PostgresTarget {
  std::map<std::string, std::string> options;  ///< libpq's keywords

  /// Spec: PostgreSQL 15, "Connection URIs". Errors: `bad_url`, without a word of `url`.
  static Result<PostgresTarget> Parse(const std::string& url);

  /// `postgresql://host:port/database`, nothing else.
  std::string ToString() const;
};

}  // namespace trackwire::store
