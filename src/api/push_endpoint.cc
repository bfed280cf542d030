#include "api/push_endpoint.h"

#include <utility>

#include "api/rate_check.h"
#include "base/log.h"
#include "net/shard.h"

namespace trackwire::api {

using net::http::Body;
using net::http::Exchange;
using net::http::Request;
using net::http::Response;

namespace {

Response Unauthorized() {
  Response response = ErrorResponse(401, "unauthorized", "a token of the tracker is needed");
  response.headers.Set("WWW-Authenticate", "Basic realm=\"trackwire\"");
  return response;
}

bool IsOurFault(const std::string& code) { return code == "unavailable" || code == "queue_full"; }

}  // namespace

PushEndpoint::PushEndpoint(const Access& access, PushServices& services, Format format)
    : access_(access),
      services_(services),
      format_(format),
      path_(format == Format::kOsmand ? kOsmandPath : kOwntracksPath) {}

Result<std::optional<tracking::Id>, Response> PushEndpoint::Admit(const Request& request) const {
  const std::string token = PushTokenOf(request, path_);
  if (auto tracker = services_.tokens->Find(token)) return tracker;
  if (services_.open) return std::optional<tracking::Id>();
  ++services_.counters.bad_tokens;
  const auto verdict = access_.limits == nullptr
                           ? broker::Verdict{}
                           : access_.limits->CheckRefused(request.remote_address);
  if (!verdict.allowed) return Err(TooManyRequests(verdict.retry_after));
  base::LogWarn("ingest", token.empty() ? "a position without a token was refused"
                                        : "a token that nobody has was refused",
                {{"path", path_}, {"address", request.remote_address}});
  return Err(Unauthorized());
}

Body PushEndpoint::OnRequest(const Exchange& exchange, const Request& request) {
  const bool by_query = format_ == Format::kOsmand && request.method == "GET";
  if (!by_query && request.method != "POST") {
    Response response = ErrorResponse(405, "method_not_allowed", "use POST");
    response.headers.Set("Allow", format_ == Format::kOsmand ? "GET, POST" : "POST");
    exchange.Respond(std::move(response));
    return Body::None();
  }
  // Before a body is read; what is admitted now is looked up again with it.
  auto admitted = Admit(request);
  if (!admitted) {
    exchange.Respond(std::move(admitted.error()));
    return Body::None();
  }
  if (!by_query) return Body::Read(services_.max_body_bytes);
  OnBody(exchange, request, {});
  return Body::None();
}

Result<PushMessage> PushEndpoint::Read(const Request& request, std::string_view body) const {
  const WallTime now = services_.clock->WallNow();
  if (format_ == Format::kOwntracks) return ReadOwntracksRequest(request, body, now);
  return ReadOsmandRequest(request, body, services_.speed_unit_mps, now);
}

void PushEndpoint::OnBody(const Exchange& exchange, const Request& request, std::string body) {
  auto admitted = Admit(request);
  if (!admitted) return exchange.Respond(std::move(admitted.error()));
  const bool json = IsJsonRequest(request);
  auto message = Read(request, body);
  if (!message) return exchange.Respond(ResponseTo(Err(std::move(message.error())), json));
  if (message->reports.empty()) return exchange.Respond(ResponseTo(Ok(), json));
  services_.take(std::move(*admitted), std::move(*message),
                 [this, exchange, json](const Result<void>& result) {
                   exchange.PostRespond(ResponseTo(result, json));
                 });
}

void PushEndpoint::OnBodyTooLarge(const Exchange& exchange, const Request&) {
  ++exchange.shard().counters().http_errors;
  ++services_.counters.refused;
  Response response = ErrorResponse(413, "too_large", "the body is too long");
  response.close = true;
  exchange.Respond(std::move(response));
}

Response PushEndpoint::ResponseTo(const Result<void>& result, bool json) const {
  if (result) {
    ++services_.counters.taken;
    Response response = format_ == Format::kOwntracks ? Response::Json(200, "[]")
                                                      : Response::Text(200, "");
    response.headers.Set("Cache-Control", "no-store");
    return response;
  }
  const Error& error = result.error();
  if (IsOurFault(error.code)) {
    ++services_.counters.unavailable;
    return ErrorResponse(503, error.code, "it cannot be stored now, try again",
                         std::chrono::seconds(5));
  }
  ++services_.counters.refused;
  int status = 400;
  if (error.code == "other_tracker" || error.code == "other_provider") status = 403;
  const bool says_unknown = json || format_ == Format::kOwntracks;
  if (error.code == "unknown_tracker" && says_unknown) status = 404;
  return ErrorResponse(status, error.code, error.detail);
}

}  // namespace trackwire::api
