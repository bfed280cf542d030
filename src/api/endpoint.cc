#include "api/endpoint.h"

#include <algorithm>

#include "api/rate_check.h"
#include "api/security_headers.h"
#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "base/log.h"
#include "base/text.h"
#include "net/shard.h"

namespace trackwire::api {

using net::http::Body;
using net::http::Exchange;
using net::http::Headers;
using net::http::Request;
using net::http::Response;

namespace {

/// The member `error` without the brace that ends it.
std::string ErrorMember(std::string_view code, std::string_view message) {
  std::string out = R"("error":{"code":)";
  base::AppendJsonString(out, code);
  out += R"(,"message":)";
  base::AppendJsonString(out, message);
  return out;
}

bool HasBody(const Request& request) {
  return request.content_length.value_or(0) > 0 || request.headers.Find("Transfer-Encoding");
}

bool IsJson(std::string_view media_type) {
  const std::string_view name = media_type.substr(0, media_type.find(';'));
  return base::EqualsIgnoreCase(base::Trim(name), "application/json");
}

std::optional<auth::PresentedToken> TokenOf(const Access& access, const Request& request) {
  std::optional<std::string> cookie;
  if (TrustsCookies(access, request.headers)) cookie = request.Cookie(access.cookie);
  return auth::FindToken(cookie, "", request.headers);
}

}  // namespace

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  std::string body = "{" + ErrorMember(code, message) + "}}";
  Response response = Response::Json(status, std::move(body));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

Response ErrorResponse(int status, std::string_view code, std::string_view message,
                       std::chrono::milliseconds retry_after) {
  const std::string seconds = std::to_string(auth::RetrySeconds(retry_after));
  std::string body = "{" + ErrorMember(code, message) + R"(,"retry_after":)" + seconds + "}}";
  Response response = Response::Json(status, std::move(body));
  response.headers.Set("Cache-Control", "no-store");
  response.headers.Set("Retry-After", seconds);
  return response;
}

Response WithHeaders(Response response, const Headers& headers) {
  for (const auto& [name, value] : headers.all()) response.headers.Add(name, value);
  return response;
}

Headers AnswerHeaders(const Access& access, const Request& request) {
  Headers headers;
  AddSecurityHeaders(request, headers);
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
  if (headers.Count("Origin") > 1) return false;
  const auto origin = headers.Find("Origin");
  // Sites on the list are others', as the browser says too.
  if (origin && access.origins.Names(*origin)) return true;
  return access.origins.AllowsCookies(origin, headers.Find("Host").value_or("")) &&
         headers.Find("Sec-Fetch-Site") != "cross-site";
}

void WithCaller(const Access& access, const Exchange& exchange, const Request& request,
                UniqueFunction<void(auth::Identity)> then, auth::LimitKind kind) {
  auto presented = TokenOf(access, request);
  const char* source = presented ? presented->source : "";
  // The request lives until its answer, but only while the client is there.
  auto done = [&access, exchange, &request, kind, source, then = std::move(then)](
                  Result<auth::Identity, auth::TokenError> found) mutable {
    if (!exchange.alive()) return;
    auth::Identity caller = found ? *found : auth::Identity();
    auto go_on = [found, caller, source, address = request.remote_address,
                  then = std::move(then)]() mutable {
      // Not before it is known that it is not one too many: floods of them would fill the log.
      if (!found) LogBadToken(found.error(), source, address);
      then(std::move(caller));
    };
    CheckRate(access, kind, exchange, request, caller, std::move(go_on));
  };
  if (!presented) return done(auth::Identity());
  access.verifier.VerifySoon(std::move(presented->token), exchange.shard(), std::move(done));
}

void LogBadToken(auth::TokenError error, const char* source, std::string_view address) {
  base::LogWarn("auth", "a token was refused",
                {{"reason", auth::ToString(error)}, {"from", source}, {"address", address}});
}

Endpoint::Endpoint(const Access& access, std::string methods, size_t max_body_bytes)
    : access_(access), methods_(std::move(methods)), max_body_bytes_(max_body_bytes) {}

std::vector<std::string> Endpoint::Methods() const {
  std::vector<std::string> list;
  std::string_view rest = methods_;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    list.emplace_back(base::Trim(rest.substr(0, comma)));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return list;
}

bool Endpoint::Serves(std::string_view method) const {
  std::string_view rest = methods_;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    if (base::Trim(rest.substr(0, comma)) == method) return true;
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  return false;
}

Body Endpoint::OnRequest(const Exchange& exchange, const Request& request) {
  if (request.method == "OPTIONS") {
    exchange.Respond(Preflight(request));
    return Body::None();
  }
  const bool head_of_get = Serves("GET") && request.method == "HEAD";
  if (!Serves(request.method) && !head_of_get) {
    Response response = Refusal(405, "method_not_allowed", "use " + methods_);
    response.headers.Set("Allow", methods_ + (Serves("GET") ? ", HEAD, OPTIONS" : ", OPTIONS"));
    exchange.Respond(With(std::move(response), request));
    return Body::None();
  }
  auto refusal = RefuseForeign(request);
  if (!refusal) refusal = Refuse(request);
  if (!refusal) refusal = RefuseMediaType(request);
  if (refusal) {
    exchange.Respond(With(std::move(*refusal), request));
    return Body::None();
  }
  const bool reads = !head_of_get && request.method != "GET" && request.method != "DELETE";
  if (max_body_bytes_ > 0 && reads) return Body::Read(max_body_bytes_);
  Serve(exchange, request, {});
  return Body::None();
}

void Endpoint::OnBody(const Exchange& exchange, const Request& request, std::string body) {
  Serve(exchange, request, std::move(body));
}

void Endpoint::OnBodyTooLarge(const Exchange& exchange, const Request& request) {
  ++exchange.shard().counters().http_errors;
  Response response = Refusal(
      413, "too_large", "the body is longer than " + std::to_string(max_body_bytes_) + " bytes");
  response.close = true;
  exchange.Respond(With(std::move(response), request));
}

std::optional<Response> Endpoint::Refuse(const Request&) { return std::nullopt; }

Response Endpoint::Refusal(int status, std::string_view code, std::string_view message) const {
  return ErrorResponse(status, code, message);
}

std::optional<Response> Endpoint::RefuseForeign(const Request& request) const {
  const bool by_cookie = request.Cookie(access_.cookie) && !auth::BearerToken(request.headers);
  if (!by_cookie || TrustsCookies(access_, request.headers)) return std::nullopt;
  if (access_.limits == nullptr || access_.limits->CheckRefused(request.remote_address).allowed) {
    base::LogWarn("api", "a cookie that another site's page sent was refused",
                  {{"origin", request.headers.Find("Origin").value_or("-")},
                   {"path", request.path},
                   {"address", request.remote_address}});
  }
  return Refusal(403, "cross_site", "the cookie does not count on pages of other sites");
}

std::optional<Response> Endpoint::RefuseMediaType(const Request& request) const {
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads || !HasBody(request) || auth::BearerToken(request.headers) ||
      IsJson(request.headers.Find("Content-Type").value_or(""))) {
    return std::nullopt;
  }
  return Refusal(415, "unsupported_media_type", "send the body as application/json");
}

Headers Endpoint::AnswerHeaders(const Request& request) const {
  return api::AnswerHeaders(access_, request);
}

Response Endpoint::Preflight(const Request& request) const {
  Response response;
  response.status = 204;
  const auto origin = request.headers.Find("Origin");
  if (origin && access_.origins.Lists(*origin)) {
    response.headers.Add("Access-Control-Allow-Methods", methods_ + (Serves("GET") ? ", HEAD" : ""));
    response.headers.Add("Access-Control-Allow-Headers", "Authorization, Content-Type");
    response.headers.Add("Access-Control-Max-Age", "600");
  }
  return With(std::move(response), request);
}

Response Endpoint::With(Response response, const Request& request) const {
  return WithHeaders(std::move(response), AnswerHeaders(request));
}

}  // namespace trackwire::api
