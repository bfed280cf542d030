#include "api/path.h"

namespace trackwire::api {

std::string_view NameInPath(std::string_view path, std::string_view collection,
                            std::string_view part) {
  if (!path.starts_with(collection)) return {};
  path.remove_prefix(collection.size());
  if (!path.starts_with('/')) return {};
  path.remove_prefix(1);
  if (part.empty()) return path;
  if (path.size() <= part.size() || !path.ends_with(part)) return {};
  path.remove_suffix(part.size());
  if (!path.ends_with('/')) return {};
  path.remove_suffix(1);
  return path;
}

}  // namespace trackwire::api
