#include "store/sqlite_store.h"

namespace trackwire::store {

Result<std::unique_ptr<Store>> OpenStore(const std::string& url) {
  constexpr std::string_view kScheme = "sqlite:";
  if (!std::string_view(url).starts_with(kScheme)) {
    return Err("bad_url", "database.url must be sqlite:///absolute/path or sqlite:relative.db");
  }
  std::string path = url.substr(kScheme.size());
  if (path.starts_with("//")) path.erase(0, 2);
  const bool has_host = url.starts_with("sqlite://") && !path.starts_with("/");
  if (path.empty() || has_host || path.find('\0') != std::string::npos) {
    return Err("bad_url", "database.url names no file: " + url);
  }
  return SqliteStore::Open(path);
}

}  // namespace trackwire::store
