#include "api/reader_call.h"

#include <utility>

#include "net/http/compression.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Headers;
using net::http::Request;
using net::http::Response;

void ReaderCall::Answer(Response response) const {
  if (!response.headers.Find("Cache-Control")) {
    response.headers.Set("Cache-Control", "private, no-store");
  }
  response.compress_from = net::http::kWorthPacking;
  exchange.PostRespond(WithHeaders(std::move(response), headers));
}

void ReaderCall::Fail(const Error& error) const {
  int status = 400;
  if (error.code == "unknown_tracker" || error.code == "not_found") status = 404;
  if (error.code == "unavailable") {
    return Answer(ErrorResponse(503, error.code, "the store does not answer now, try again",
                                std::chrono::seconds(1)));
  }
  Answer(ErrorResponse(status, error.code, error.detail));
}

void WithReader(const Access& access, const Exchange& exchange, const Request& request,
                Headers headers, UniqueFunction<void(ReaderCall)> read, auth::LimitKind kind) {
  WithCaller(access, exchange, request,
             [&access, call = ReaderCall{exchange, std::move(headers), {}},
              run = std::move(read)](auth::Identity caller) mutable {
               call.caller = std::move(caller);
               if (!access.require_auth || call.caller.authenticated) return run(std::move(call));
               Response response = ErrorResponse(401, "unauthorized", "a valid token is needed");
               response.headers.Set("WWW-Authenticate", "Bearer");
               call.Answer(std::move(response));
             },
             kind);
}

void FindTracker(TrackerReader& reader, const auth::Identity& caller, std::vector<tracking::Id> ids,
                 std::function<void(Result<TrackerView>)> done) {
  reader.Find(caller, std::move(ids),
              [done = std::move(done)](Result<std::vector<std::optional<TrackerView>>> found) {
                if (!found) return done(Err(std::move(found.error())));
                for (auto& view : *found) {
                  if (view) return done(std::move(*view));
                }
                done(Err("unknown_tracker", "there is no such tracker"));
              });
}

}  // namespace trackwire::api
