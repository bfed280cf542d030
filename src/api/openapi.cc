#include "api/openapi.h"

#include "net/http/compression.h"

namespace trackwire::api {

extern const char kOpenapiText[];  // docs/openapi.json, by the build

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

namespace {

/// Packed once, so it may take its time.
constexpr int kSmallest = 9;

}  // namespace

OpenapiEndpoint::OpenapiEndpoint(const Access& access)
    : Endpoint(access, "GET", 0),
      document_(std::make_shared<const std::string>(kOpenapiText)),
      packed_(std::make_shared<const std::string>(net::http::Gzip(*document_, kSmallest))) {}

void OpenapiEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  Response response;
  response.headers.Add("Content-Type", "application/json");
  response.headers.Add("Cache-Control", "no-cache");
  const bool packed = net::http::TakesGzip(request.headers);
  if (packed) response.headers.Add("Content-Encoding", "gzip");
  response.shared_body = packed ? packed_ : document_;
  response = WithHeaders(std::move(response), AnswerHeaders(request));
  net::http::AddVary(response.headers, "Accept-Encoding");
  exchange.Respond(std::move(response));
}

}  // namespace trackwire::api
