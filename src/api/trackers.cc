#include "api/trackers.h"

#include "api/tracker_json.h"
#include "net/http/negotiation.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

TrackersEndpoint::TrackersEndpoint(const Access& access, net::Loop& loop, SnapshotCache& cache,
                                   TrackerReader& reader, const notify::Views& views)
    : Endpoint(access, "GET", 0), loop_(loop), cache_(cache), reader_(reader), views_(views) {}

void TrackersEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  WithReader(access(), exchange, request, AnswerHeaders(request),
             [this, gzip = net::http::TakesGzip(request.headers),
              query = ReadTrackerQuery(request.query)](ReaderCall call) mutable {
               if (!query) return call.Fail(query.error());
               if (!*query) return AnswerAll(std::move(call), gzip);
               AnswerSome(call, std::move(**query));
             });
}

void TrackersEndpoint::AnswerAll(ReaderCall call, bool gzip) const {
  call.headers.Add("Content-Type", "application/json");
  call.headers.Add("Cache-Control", "private, no-cache");
  call.headers.Add("Vary", "Accept-Encoding, Authorization, Cookie");
  if (gzip) call.headers.Add("Content-Encoding", "gzip");
  loop_.Post([this, call = std::move(call), gzip] {
    cache_.Get(call.caller, gzip, [call](std::shared_ptr<const std::string> body) {
      Response response;
      response.headers = call.headers;
      response.shared_body = std::move(body);
      call.exchange.PostRespond(std::move(response));
    });
  });
}

void TrackersEndpoint::AnswerSome(const ReaderCall& call, TrackerQuery query) const {
  reader_.List(call.caller, std::move(query.filter), std::move(query.after), query.limit,
               [this, call](const Result<TrackerPage>& page) {
                 if (!page) return call.Fail(page.error());
                 Response response = Response::Json(
                     200, TrackerPageJson(*page, access().verifier.clock().WallNow(),
                                          call.caller.is_admin(), views_, views_.Of(call.caller)));
                 response.headers.Add("Vary", "Authorization, Cookie");
                 call.Answer(std::move(response));
               });
}

}  // namespace trackwire::api
