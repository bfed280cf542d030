// The list of what is served, as the log has it when it tells everything.
#include "base/log.h"
#include "gateway/parts.h"

namespace trackwire::gateway {
namespace {

void Tell(const std::string& path, const std::string& method) {
  base::LogDebug("gateway", "serves", {{"method", method}, {"path", path}});
}

}  // namespace

void Gateway::Parts::TellRoutes() const {
  router.ForEach([](const std::string& path, const std::string& method,
                    const net::http::Handler& handler) {
    if (!method.empty()) return Tell(path, method);
    if (const auto* resources = dynamic_cast<const api::Resources*>(&handler)) {
      if (path.ends_with('/')) return;  // the same again
      for (const auto& [place, methods] : resources->Paths()) {
        for (const std::string& one : methods) Tell(place, one);
      }
      return;
    }
    const auto* endpoint = dynamic_cast<const api::Endpoint*>(&handler);
    if (endpoint == nullptr) return Tell(path, "*");
    for (const std::string& one : endpoint->Methods()) Tell(path, one);
  });
}

}  // namespace trackwire::gateway
