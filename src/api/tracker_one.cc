#include "api/tracker_one.h"

#include "api/path.h"
#include "api/reader_call.h"
#include "api/tracker_edit.h"
#include "api/tracker_json.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

TrackerEndpoint::TrackerEndpoint(const Access& access, TrackerReader& reader,
                                 const notify::Views& views)
    : Endpoint(access, "GET", 0), reader_(reader), views_(views) {}

void TrackerEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  auto ids = IdsOfSegment(NameInPath(request.path, "/api/trackers"));
  WithReader(access(), exchange, request, AnswerHeaders(request),
             [this, ids = std::move(ids)](ReaderCall call) mutable {
               call.headers.Add("Vary", "Authorization, Cookie");
               FindTracker(reader_, call.caller, std::move(ids),
                           [this, call](const Result<TrackerView>& found) {
                             if (!found) return call.Fail(found.error());
                             call.Answer(Response::Json(
                                 200, TrackerJson(*found, call.caller.is_admin(), views_,
                                                  views_.Of(call.caller))));
                           });
             });
}

}  // namespace trackwire::api
