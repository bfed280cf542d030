#include "api/registry_call.h"

#include <memory>
#include <string>

namespace trackwire::api {
namespace {

using net::http::Request;
using net::http::Response;
using tracking::Id;

int StatusOf(const std::string& code) {
  if (code == "unknown_tracker" || code == "not_found") return 404;
  if (code == "exists" || code == "in_use") return 409;
  return code == "unavailable" || code == "corrupt" ? 503 : 400;
}

Response FailureResponse(const Error& error) {
  const int status = StatusOf(error.code);
  // Who wrote it need not care which of us found it.
  const std::string code = error.code == "invalid" ? "invalid_request" : error.code;
  if (status != 503) return ErrorResponse(status, code, error.detail);
  return ErrorResponse(503, "unavailable", "the store does not take it now, try again",
                       std::chrono::seconds(1));
}

}  // namespace

void RegistryCall::Finish(const Result<Response>& result) const {
  auth::Audit(by, {call.act, call.target,
                   result ? std::string_view("done") : std::string_view(result.error().code)});
  call.Answer(result ? *result : FailureResponse(result.error()));
}

void WithRegistryCall(const Access& access, AdminCall call, const Request& request,
                      UniqueFunction<void(RegistryCall)> admitted) {
  WithAdmin(access, std::move(call), request,
            [run = std::move(admitted)](AdminCall held, auth::Actor by) mutable {
              run(RegistryCall{std::move(held), std::move(by)});
            });
}

void TryInTurn(std::vector<Id> ids, std::string_view unknown,
               std::function<void(Id, Answered)> act, Answered done) {
  if (ids.empty()) return done(Err(std::string(unknown), "there is no such one"));
  Id first = std::move(ids.front());
  ids.erase(ids.begin());
  act(std::move(first), [ids = std::move(ids), unknown = std::string(unknown), act,
                         done = std::move(done)](const Result<Response>& result) {
    const bool next = !result && result.error().code == unknown;
    if (!next) return done(result);
    TryInTurn(ids, unknown, act, done);
  });
}

Response NoContent() {
  Response response;
  response.status = 204;
  return response;
}

}  // namespace trackwire::api
