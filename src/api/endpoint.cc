#include "api/endpoint.h"

#include "api/rate_check.h"
#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "base/log.h"
#include "net/shard.h"

namespace trackwire::api {

using net::http::Body;
using net::http::Exchange;
using net::http::Headers;
using net::http::Request;
using net::http::Response;

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  std::string body = R"({"error":{"code":)";
  base::AppendJsonString(body, code);
  body += R"(,"message":)";
  base::AppendJsonString(body, message);
  body += "}}";
  Response response = Response::Json(status, std::move(body));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

Response WithHeaders(Response response, const Headers& headers) {
  for (const auto& [name, value] : headers.all()) response.headers.Add(name, value);
  return response;
}

Headers AnswerHeaders(const Access& access, const Request& request) {
  Headers headers;
  headers.Add("X-Content-Type-Options", "nosniff");
  if (access.origins.empty()) return headers;
  if (access.origins.any()) {
    headers.Add("Access-Control-Allow-Origin", "*");
    return headers;
  }
  headers.Add("Vary", "Origin");
  const auto origin = request.headers.Find("Origin");
  if (origin && access.origins.Lists(*origin)) {
    headers.Add("Access-Control-Allow-Origin", std::string(*origin));
    headers.Add("Access-Control-Allow-Credentials", "true");
  }
  return headers;
}

bool TrustsCookies(const Access& access, const Headers& headers) {
  return access.origins.AllowsCookies(headers.Find("Origin"), headers.Find("Host").value_or(""));
}

void WithCaller(const Access& access, const Exchange& exchange, const Request& request,
                UniqueFunction<void(auth::Identity)> then, auth::LimitKind kind) {
  // The request lives until its answer, but only while the client is there.
  auto done = [&access, exchange, &request, kind,
               then = std::move(then)](auth::Identity caller) mutable {
    if (!exchange.alive()) return;
    auto go_on = [caller, then = std::move(then)]() mutable { then(std::move(caller)); };
    CheckRate(access, kind, exchange, request, caller, std::move(go_on));
  };
  std::optional<std::string> cookie;
  if (TrustsCookies(access, request.headers)) cookie = request.Cookie(access.cookie);
  auto presented = auth::FindToken(cookie, "", request.headers);
  if (!presented) return done(auth::Identity());
  access.verifier.VerifySoon(
      std::move(presented->token), exchange.shard(),
      [source = presented->source, address = request.remote_address,
       done = std::move(done)](Result<auth::Identity, auth::TokenError> identity) mutable {
        if (identity) return done(std::move(*identity));
        LogBadToken(identity.error(), source, address);
        done(auth::Identity());
      });
}

void LogBadToken(auth::TokenError error, const char* source, std::string_view address) {
  base::LogWarn("auth", "a token was refused",
                {{"reason", auth::ToString(error)}, {"from", source}, {"address", address}});
}

Endpoint::Endpoint(const Access& access, std::string method, size_t max_body_bytes)
    : access_(access), method_(std::move(method)), max_body_bytes_(max_body_bytes) {}

Body Endpoint::OnRequest(const Exchange& exchange, const Request& request) {
  if (request.method == "OPTIONS") {
    exchange.Respond(Preflight(request));
    return Body::None();
  }
  const bool head_of_get = method_ == "GET" && request.method == "HEAD";
  if (request.method != method_ && !head_of_get) {
    Response response = ErrorResponse(405, "method_not_allowed", "use " + method_);
    response.headers.Set("Allow", method_ == "GET" ? "GET, HEAD, OPTIONS" : method_ + ", OPTIONS");
    exchange.Respond(With(std::move(response), request));
    return Body::None();
  }
  if (auto refusal = Refuse(request)) {
    exchange.Respond(With(std::move(*refusal), request));
    return Body::None();
  }
  if (max_body_bytes_ > 0) return Body::Read(max_body_bytes_);
  Serve(exchange, request, {});
  return Body::None();
}

void Endpoint::OnBody(const Exchange& exchange, const Request& request, std::string body) {
  Serve(exchange, request, std::move(body));
}

void Endpoint::OnBodyTooLarge(const Exchange& exchange, const Request& request) {
  ++exchange.shard().counters().http_errors;
  Response response = ErrorResponse(
      413, "too_large", "the body is longer than " + std::to_string(max_body_bytes_) + " bytes");
  response.close = true;
  exchange.Respond(With(std::move(response), request));
}

std::optional<Response> Endpoint::Refuse(const Request&) { return std::nullopt; }

Headers Endpoint::AnswerHeaders(const Request& request) const {
  return api::AnswerHeaders(access_, request);
}

Response Endpoint::Preflight(const Request& request) const {
  Response response;
  response.status = 204;
  const auto origin = request.headers.Find("Origin");
  if (origin && access_.origins.Lists(*origin)) {
    response.headers.Add("Access-Control-Allow-Methods", method_ == "GET" ? "GET, HEAD" : method_);
    response.headers.Add("Access-Control-Allow-Headers", "Authorization, Content-Type");
    response.headers.Add("Access-Control-Max-Age", "600");
  }
  return With(std::move(response), request);
}

Response Endpoint::With(Response response, const Request& request) const {
  return WithHeaders(std::move(response), AnswerHeaders(request));
}

}  // namespace trackwire::api
