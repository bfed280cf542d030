#include "fetcher/connectors/gtfs_rt.h"

#include <algorithm>

#include "formats/gtfs_rt.h"

namespace trackwire::fetcher {

GtfsRtConnector::GtfsRtConnector(const ConnectorOptions& options, outbound::HttpClient& client,
                                 net::Loop& loop)
    : options_(options), exchanges_(client, loop) {}

outbound::HttpRequest GtfsRtConnector::Request(std::chrono::milliseconds timeout) const {
  const auto& feed = std::get<GtfsRtOptions>(options_.kind);
  outbound::HttpRequest request;
  request.url = feed.url;
  request.headers = feed.headers;
  request.timeout = timeout;
  request.max_bytes = options_.max_answer_bytes;
  request.allow_private = options_.allow_private;
  return request;
}

void GtfsRtConnector::FetchAll(std::chrono::milliseconds timeout, Done done) {
  auto request = Request(timeout);
  validators_.AddTo(request);
  exchanges_.Send(std::move(request), [this, done = std::move(done)](auto answer) {
    if (!answer) return done(Err(std::move(answer.error())));
    Fetched fetched;
    if (answer->status == 304) {
      fetched.unchanged = true;
      return done(std::move(fetched));
    }
    auto feed = formats::ReadGtfsRealtime(answer->body, options_.clock->WallNow());
    if (!feed) return done(Err(FetchErrorOf(feed.error())));
    validators_.Keep(*answer);
    fetched.reports = std::move(feed->reports);
    fetched.bad = feed->bad;
    done(std::move(fetched));
  });
}

void GtfsRtConnector::FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                               Done done) {
  // Unconditional: what FetchAll() was given says nothing about this one.
  exchanges_.Send(Request(timeout), [this, external_id, done = std::move(done)](auto answer) {
    if (!answer) return done(Err(std::move(answer.error())));
    auto feed = formats::ReadGtfsRealtime(answer->body, options_.clock->WallNow());
    if (!feed) return done(Err(FetchErrorOf(feed.error())));
    const auto found = std::find_if(
        feed->reports.begin(), feed->reports.end(),
        [&](const formats::Report& report) { return report.external_id == external_id; });
    if (found == feed->reports.end()) {
      return done(Err(FetchError{"not_found", "it is not in the feed", {}}));
    }
    Fetched fetched;
    fetched.reports.push_back(std::move(*found));
    done(std::move(fetched));
  });
}

void GtfsRtConnector::Listen(Listener listener) {
  exchanges_.Later([listener = std::move(listener)] { listener.on_line(false, "unsupported"); });
}

}  // namespace trackwire::fetcher
