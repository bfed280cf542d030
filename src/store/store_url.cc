#include "store/store_url.h"

#include <utility>

#include "store/postgres_target.h"

namespace trackwire::store {

bool IsPostgresUrl(const std::string& url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

Result<std::string> SqlitePath(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!url.starts_with(kScheme)) {
    return Err("bad_url",
               "database.url must be sqlite:///absolute/path, sqlite:relative.db or "
               "postgresql://user@host/database");
  }
  std::string path = url.substr(kScheme.size());
  if (path.starts_with("//")) path.erase(0, 2);
  const bool has_host = url.starts_with("sqlite://") && !path.starts_with("/");
  if (path.empty() || has_host || path.find('\0') != std::string::npos) {
    return Err("bad_url", "database.url names no file: " + url);
  }
  return path;
}

Result<void> CheckUrl(const std::string& url) {
  if (IsPostgresUrl(url)) {
    auto target = PostgresTarget::Parse(url);
    if (!target) return Err(std::move(target.error()));
    return Ok();
  }
  auto path = SqlitePath(url);
  if (!path) return Err(std::move(path.error()));
  return Ok();
}

std::string DescribeUrl(const std::string& url) {
  if (!IsPostgresUrl(url)) return url;
  auto target = PostgresTarget::Parse(url);
  return target ? target->ToString() : "postgresql://(not a URL)";
}

}  // namespace trackwire::store
