#include "cli/store_access.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/arguments.h"

namespace trackwire::cli {

Result<std::unique_ptr<store::Store>> OpenExistingStore(const gateway::Config& config,
                                                        bool create) {
  ::umask(0077);
  const std::string& url = config.database_url;
  if (url.starts_with("sqlite:")) {
    const std::string path = gateway::DatabasePath(config);
    if (path.empty()) {
      return Err("bad_url", "database.url: a store in memory is nobody else's");
    }
    if (!create && ::access(path.c_str(), F_OK) != 0) {
      return Err("cannot_open", path +
                                    ": there is no store here; run this in the server's directory "
                                    "or with its configuration");
    }
  }
  auto store = store::OpenStore(url);
  if (!store) return Err(store.error().code, "the store cannot be opened: " + store.error().detail);
  return store;
}

int StoreExitCode(const Error& error) { return error.code == "bad_url" ? kWrongUsage : kFailed; }

std::optional<WallTime> ParseDay(const std::string& text) {
  return base::ParseTime(text.size() == 10 ? text + "T00:00:00Z" : text);
}

}  // namespace trackwire::cli
