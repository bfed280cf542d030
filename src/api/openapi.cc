#include "api/openapi.h"

namespace trackwire::api {

extern const char kOpenapiText[];  // docs/openapi.json, by the build

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

OpenapiEndpoint::OpenapiEndpoint(const Access& access)
    : Endpoint(access, "GET", 0), document_(std::make_shared<const std::string>(kOpenapiText)) {}

void OpenapiEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  Response response;
  response.headers.Add("Content-Type", "application/json");
  response.headers.Add("Cache-Control", "no-cache");
  response.shared_body = document_;
  exchange.Respond(WithHeaders(std::move(response), AnswerHeaders(request)));
}

}  // namespace trackwire::api
