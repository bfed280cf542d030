#include "fetcher/connectors/service_url.h"

namespace trackwire::fetcher {

std::string ServiceUrl(const std::string& base, const std::string& path) {
  const size_t end = base.find_last_not_of('/');
  return (end == std::string::npos ? base : base.substr(0, end + 1)) + path;
}

}  // namespace trackwire::fetcher
