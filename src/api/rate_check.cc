#include "api/rate_check.h"

#include <memory>
#include <string>
#include <utility>

#include "net/shard.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

namespace {

/// The same as TooManyRequests() in the form of GraphQL's errors.
Response TooManyOperations(std::chrono::milliseconds retry_after) {
  const std::string seconds = std::to_string(auth::RetrySeconds(retry_after));
  Response response =
      Response::Json(429, R"({"errors":[{"message":"Too many requests","extensions":{)"
                          R"("code":"rate_limited","retry_after":)" + seconds + "}}]}");
  response.headers.Set("Cache-Control", "no-store");
  response.headers.Set("Retry-After", seconds);
  return response;
}

}  // namespace

Response TooManyRequests(std::chrono::milliseconds retry_after, std::string_view message) {
  return ErrorResponse(429, "rate_limited", message, retry_after);
}

void CheckRate(const Access& access, auth::LimitKind kind, const Exchange& exchange,
               const Request& request, const auth::Identity& caller,
               UniqueFunction<void()> allowed) {
  const bool free = kind == auth::LimitKind::kApi && caller.may_publish();
  if (access.limits == nullptr || free) return allowed();
  auth::Caller who{{}, caller.authenticated ? caller.user : "", request.remote_address};
  // Copyable, as what waits for the broker must be.
  const auto go_on = std::make_shared<UniqueFunction<void()>>(std::move(allowed));
  access.limits->Check(
      kind, who,
      [exchange, go_on, kind, headers = AnswerHeaders(access, request)](broker::Verdict verdict) {
        auto answer = [exchange, go_on, kind, headers, verdict] {
          if (verdict.allowed) return (*go_on)();
          const bool graphql = kind == auth::LimitKind::kGraphql;
          exchange.Respond(WithHeaders(graphql ? TooManyOperations(verdict.retry_after)
                                               : TooManyRequests(verdict.retry_after),
                                       headers));
        };
        if (exchange.shard().InThread()) return answer();
        exchange.shard().Post(std::move(answer));
      });
}

}  // namespace trackwire::api
