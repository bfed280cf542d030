#include "api/health.h"

#include "base/json_scanner.h"

namespace trackwire::api {

using net::http::Response;

void ServeHealth(const net::http::Exchange& exchange) {
  Response response = Response::Json(200, R"({"status":"ok"})");
  response.headers.Set("Cache-Control", "no-store");
  exchange.Respond(std::move(response));
}

Response ReadinessResponse(const Readiness& readiness) {
  std::string body = std::string(R"({"ready":)") + (readiness.ready ? "true" : "false");
  body += R"(,"degraded":[)";
  for (size_t i = 0; i < readiness.degraded.size(); ++i) {
    if (i > 0) body += ',';
    base::AppendJsonString(body, readiness.degraded[i]);
  }
  body += "]}";
  Response response = Response::Json(readiness.ready ? 200 : 503, std::move(body));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

}  // namespace trackwire::api
