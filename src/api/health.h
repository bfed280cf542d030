#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "net/http/server.h"

namespace trackwire::api {

/// How the whole gateway does.
struct Readiness {
  bool ready = false;
  std::vector<std::string> degraded;  ///< what does not work as it should, for people
};

/// `GET /healthz`: the process lives and a shard answers.
void ServeHealth(const net::http::Exchange& exchange);

/// `GET /readyz`: `{"ready", "degraded": [...]}`, 200 when it can serve, 503 when not.
net::http::Response ReadinessResponse(const Readiness& readiness);

}  // namespace trackwire::api
