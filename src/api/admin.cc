#include "api/admin.h"

#include <charconv>
#include <utility>

namespace trackwire::api {

using net::http::Request;
using net::http::Response;

void AdminCall::Answer(Response response) const {
  response.headers.Set("Cache-Control", "no-store");
  exchange.PostRespond(WithHeaders(std::move(response), headers));
}

void AdminCall::Fail(const Error& error) const {
  int status = 400;
  if (error.code == "not_found") status = 404;
  if (error.code == "unavailable" || error.code == "too_many") status = 503;
  Response response = ErrorResponse(status, error.code, error.detail);
  if (status == 503) response.headers.Set("Retry-After", "1");
  Answer(std::move(response));
}

void WithAdmin(const Access& access, AdminCall call, const Request& request,
               UniqueFunction<void(AdminCall call, auth::Actor by)> admitted) {
  const net::http::Exchange exchange = call.exchange;
  WithCaller(access, exchange, request,
             [call = std::move(call), address = request.remote_address,
              run = std::move(admitted)](auth::Identity caller) mutable {
               auth::Actor by = auth::ActorOf(caller, address);
               call.caller = std::move(caller);
               if (call.caller.is_admin()) return run(std::move(call), std::move(by));
               auth::Audit(by, {call.act, call.target,
                                call.caller.authenticated ? "forbidden" : "unauthorized"});
               if (call.caller.authenticated) {
                 return call.Answer(ErrorResponse(403, "forbidden", "the role admin is needed"));
               }
               Response response = ErrorResponse(401, "unauthorized", "a valid token is needed");
               response.headers.Set("WWW-Authenticate", "Bearer");
               call.Answer(std::move(response));
             });
}

Result<PageRequest> ReadPage(const Request& request, size_t fallback, size_t max) {
  PageRequest page{std::string(request.query.Find("after").value_or("")), fallback};
  const auto limit = request.query.Find("limit");
  if (!limit) return page;
  const char* end = limit->data() + limit->size();
  const auto [rest, error] = std::from_chars(limit->data(), end, page.limit);
  if (error == std::errc() && rest == end && page.limit >= 1 && page.limit <= max) return page;
  return Err("bad_request", "limit must be a number from 1 to " + std::to_string(max));
}

}  // namespace trackwire::api
