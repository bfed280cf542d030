#include "api/notifications.h"

#include "api/rate_check.h"
#include "auth/token_source.h"
#include "base/json_scanner.h"
#include "net/shard.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

namespace {

void AppendError(std::string& out, const Error& error) {
  out += R"("error":{"code":)";
  base::AppendJsonString(out, error.code);
  out += R"(,"message":)";
  base::AppendJsonString(out, error.detail);
  out += '}';
}

std::string ResultsJson(const std::vector<notify::IntakeResult>& results) {
  std::string out = R"("results":[)";
  for (size_t i = 0; i < results.size(); ++i) {
    out += i == 0 ? "{" : ",{";
    if (results[i].error) {
      AppendError(out, *results[i].error);
    } else {
      out += R"("offset":)";
      base::AppendJsonString(out, results[i].offset);
      if (results[i].duplicate) out += R"(,"duplicate":true)";
    }
    out += '}';
  }
  return out + "]";
}

int StatusOf(const std::string& code) {
  if (code == "queue_full" || code == "unavailable") return 503;
  return code == "too_many" ? 413 : 400;
}

Response Unauthorized(const char* message) {
  Response response = ErrorResponse(401, "unauthorized", message);
  response.headers.Set("WWW-Authenticate", "Bearer");
  return response;
}

/// Those who are refused are limited, and what is written of them with it; publishers are not.
std::optional<Response> TooMany(const Access& access, std::string_view address) {
  if (access.limits == nullptr) return std::nullopt;
  const broker::Verdict verdict = access.limits->CheckRefused(address);
  if (verdict.allowed) return std::nullopt;
  return TooManyRequests(verdict.retry_after, "too many requests: wait a while");
}

std::optional<Response> RefusalFor(const Access& access,
                                   const Result<auth::Identity, auth::TokenError>& identity,
                                   std::string_view address) {
  if (identity && identity->may_publish()) return std::nullopt;
  if (auto too_many = TooMany(access, address)) return too_many;
  if (!identity) {
    LogBadToken(identity.error(), "header", address);
    return Unauthorized("the token is not valid or has expired");
  }
  return ErrorResponse(403, "forbidden",
                       "the role admin or the permission notifications:publish is needed");
}

}  // namespace

Response NotificationsResponse(const Result<notify::IntakeAnswer>& answer) {
  if (!answer) {
    const Error& error = answer.error();
    Response response = ErrorResponse(StatusOf(error.code), error.code, error.detail);
    if (response.status == 503) response.headers.Set("Retry-After", "1");
    return response;
  }
  std::string body = "{";
  const auto& results = answer->results;
  const bool refused = !answer->array && !results.empty() && results.front().error.has_value();
  if (refused) {
    AppendError(body, *results.front().error);
    body += ',';
  }
  body += ResultsJson(results) + "}";
  Response response = Response::Json(refused ? 400 : 202, std::move(body));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

NotificationsEndpoint::NotificationsEndpoint(const Access& access, notify::Intake& intake,
                                             size_t max_body_bytes)
    : Endpoint(access, "POST", max_body_bytes), intake_(intake) {}

std::optional<Response> NotificationsEndpoint::Refuse(const Request& request) {
  const auto token = auth::BearerToken(request.headers);
  if (!token) {
    if (auto too_many = TooMany(access(), request.remote_address)) return too_many;
    return Unauthorized("a token is needed: Authorization: Bearer <token>");
  }
  const auto identity = access().verifier.Verify(*token);
  // A key that has to be fetched first comes while the body is read.
  if (!identity && identity.error() == auth::TokenError::kUnknownKey) return std::nullopt;
  return RefusalFor(access(), identity, request.remote_address);
}

void NotificationsEndpoint::Serve(const Exchange& exchange, const Request& request,
                                  std::string body) {
  auto take = [this, exchange, headers = AnswerHeaders(request), address = request.remote_address,
               body = std::move(body)](Result<auth::Identity, auth::TokenError> identity) mutable {
    if (auto refusal = RefusalFor(access(), identity, address)) {
      return exchange.Respond(WithHeaders(std::move(*refusal), headers));
    }
    intake_.Take(std::move(body), [exchange, headers](Result<notify::IntakeAnswer> answer) {
      exchange.PostRespond(WithHeaders(NotificationsResponse(answer), headers));
    });
  };
  access().verifier.VerifySoon(auth::BearerToken(request.headers).value_or(""), exchange.shard(),
                               std::move(take));
}

}  // namespace trackwire::api
