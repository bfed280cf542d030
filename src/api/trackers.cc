#include "api/trackers.h"

#include "base/text.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

bool AcceptsGzip(const net::http::Headers& headers) {
  const auto header = headers.Find("Accept-Encoding");
  if (!header) return false;
  std::string_view rest = *header;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view name = base::Trim(item.substr(0, semicolon));
    if (!base::EqualsIgnoreCase(name, "gzip")) continue;
    item.remove_prefix(semicolon);
    const size_t weight = item.find("q=");
    if (weight == std::string_view::npos) return true;
    return item.substr(weight + 2).find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

TrackersEndpoint::TrackersEndpoint(const Access& access, net::Loop& loop, SnapshotCache& cache)
    : Endpoint(access, "GET", 0), loop_(loop), cache_(cache) {}

void TrackersEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  const bool gzip = AcceptsGzip(request.headers);
  WithCaller(access(), exchange, request,
             [this, exchange, gzip, headers = AnswerHeaders(request)](auth::Identity caller) {
               Answer(exchange, std::move(caller), gzip, headers);
             });
}

void TrackersEndpoint::Answer(const Exchange& exchange, auth::Identity caller, bool gzip,
                              net::http::Headers headers) {
  if (access().require_auth && !caller.authenticated) {
    Response response = ErrorResponse(401, "unauthorized", "a valid token is needed");
    response.headers.Set("WWW-Authenticate", "Bearer");
    exchange.Respond(WithHeaders(std::move(response), headers));
    return;
  }
  headers.Add("Content-Type", "application/json");
  headers.Add("Cache-Control", "private, no-cache");
  headers.Add("Vary", "Accept-Encoding, Authorization, Cookie");
  if (gzip) headers.Add("Content-Encoding", "gzip");
  loop_.Post([this, exchange, caller = std::move(caller), gzip, headers = std::move(headers)] {
    cache_.Get(caller, gzip, [exchange, headers](std::shared_ptr<const std::string> body) {
      Response response;
      response.headers = headers;
      response.shared_body = std::move(body);
      exchange.PostRespond(std::move(response));
    });
  });
}

}  // namespace trackwire::api
