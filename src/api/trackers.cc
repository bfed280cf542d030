#include "api/trackers.h"

#include "api/tracker_json.h"
#include "base/text.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

bool AcceptsGzip(const net::http::Headers& headers) {
  const auto header = headers.Find("Accept-Encoding");
  if (!header) return false;
  std::string_view rest = *header;
  while (!rest.empty()) {
    const size_t comma = std::min(rest.find(','), rest.size());
    std::string_view item = rest.substr(0, comma);
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const size_t semicolon = std::min(item.find(';'), item.size());
    const std::string_view name = base::Trim(item.substr(0, semicolon));
    if (!base::EqualsIgnoreCase(name, "gzip")) continue;
    item.remove_prefix(semicolon);
    const size_t weight = item.find("q=");
    if (weight == std::string_view::npos) return true;
    return item.substr(weight + 2).find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

TrackersEndpoint::TrackersEndpoint(const Access& access, net::Loop& loop, SnapshotCache& cache,
                                   TrackerReader& reader, const notify::Views& views)
    : Endpoint(access, "GET", 0), loop_(loop), cache_(cache), reader_(reader), views_(views) {}

void TrackersEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  WithReader(access(), exchange, request, AnswerHeaders(request),
             [this, gzip = AcceptsGzip(request.headers),
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
