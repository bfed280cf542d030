#include "api/positions.h"

#include <utility>

#include "api/path.h"
#include "api/positions_text.h"
#include "api/tracker_edit.h"

namespace trackwire::api {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;
using Past = std::vector<TrackerReader::PastPosition>;

/// One request until it is answered.
struct PositionsEndpoint::Job {
  ReaderCall call;
  PositionsQuery query;
  std::string path;    ///< of the request
  net::http::Query parameters;
  TrackerView tracker;

  void Answer(Past past) const;
};

PositionsEndpoint::PositionsEndpoint(const Access& access, TrackerReader& reader,
                                     net::Loop& packing)
    : Endpoint(access, "GET", 0), reader_(reader), packing_(packing) {}

void PositionsEndpoint::Serve(const Exchange& exchange, const Request& request, std::string) {
  auto ids = IdsOfSegment(NameInPath(request.path, "/api/trackers", kPart));
  auto query = ReadPositionsQuery(request.query, request.headers);
  auto job = std::make_shared<Job>();
  job->path = request.path;
  job->parameters = request.query;
  WithReader(access(), exchange, request, AnswerHeaders(request),
             [this, job, ids = std::move(ids), query = std::move(query)](ReaderCall call) mutable {
               call.headers.Add("Vary", "Accept, Authorization, Cookie");
               job->call = std::move(call);
               if (!query) return job->call.Fail(query.error());
               job->query = std::move(*query);
               FindTracker(reader_, job->call.caller, std::move(ids),
                           [this, job](Result<TrackerView> found) {
                             if (!found) return job->call.Fail(found.error());
                             job->tracker = std::move(*found);
                             Read(job);
                           });
             });
}

void PositionsEndpoint::Read(const std::shared_ptr<Job>& job) const {
  store::HistoryQuery history = job->query.history;
  history.tracker = job->tracker.tracker.id;
  ++history.limit;  // one more says that there are more
  reader_.History(job->call.caller, std::move(history), [this, job](Result<Past> past) {
    if (!past) return job->call.Fail(past.error());
    packing_.Post([job, past = std::move(*past)]() mutable { job->Answer(std::move(past)); });
  });
}

void PositionsEndpoint::Job::Answer(Past past) const {
  std::string next;
  if (past.size() > query.history.limit) {
    past.resize(query.history.limit);
    next = CursorOf(past.back().fix_time);
  }
  Response response;
  if (query.format) {
    const tracking::Tracker& about = tracker.tracker;
    response = Response::Text(200, PositionsFile(past, about, *query.format));
    response.headers.Set("Content-Type", formats::ContentTypeOf(*query.format));
    response.headers.Set("Content-Disposition",
                         "attachment; filename=\"" + FileName(about.id, *query.format) + "\"");
  } else {
    response = Response::Json(200, PositionsJson(past, next));
  }
  if (!next.empty()) {
    response.headers.Set("Link", "<" + TargetAfter(path, parameters, next) + ">; rel=\"next\"");
  }
  call.Answer(std::move(response));
}

}  // namespace trackwire::api
