#include "fetcher/connectors/owntracks.h"

#include <utility>
#include <vector>

#include "fetcher/connectors/service_url.h"
#include "formats/owntracks.h"
#include "outbound/url.h"

namespace trackwire::fetcher {

OwntracksConnector::OwntracksConnector(const ConnectorOptions& options,
                                       outbound::HttpClient& client, net::Loop& loop)
    : options_(options), exchanges_(client, loop) {}

outbound::HttpRequest OwntracksConnector::Request(const std::string& query,
                                                  std::chrono::milliseconds timeout) const {
  const auto& recorder = std::get<OwntracksOptions>(options_.kind);
  outbound::HttpRequest request;
  request.url = ServiceUrl(recorder.url, "/api/0/last") + query;
  request.headers = recorder.headers;
  request.timeout = timeout;
  request.max_bytes = options_.max_answer_bytes;
  request.allow_private = options_.allow_private;
  return request;
}

void OwntracksConnector::FetchAll(std::chrono::milliseconds timeout, Done done) {
  auto request = Request("", timeout);
  validators_.AddTo(request);
  exchanges_.Send(std::move(request), [this, done = std::move(done)](auto answer) {
    if (!answer) return done(Err(std::move(answer.error())));
    Fetched fetched;
    if (answer->status == 304) {
      fetched.unchanged = true;
      return done(std::move(fetched));
    }
    auto list = formats::ReadOwntracksList(answer->body);
    if (!list) return done(Err(FetchErrorOf(list.error())));
    validators_.Keep(*answer);
    fetched.reports = std::move(list->reports);
    fetched.bad = list->bad;
    done(std::move(fetched));
  });
}

void OwntracksConnector::FetchOne(const std::string& external_id,
                                  std::chrono::milliseconds timeout, Done done) {
  const size_t slash = external_id.find('/');
  if (slash == std::string::npos) {
    return exchanges_.Later([done = std::move(done)] {
      done(Err(FetchError{"not_found", "an id here is user/device", {}}));
    });
  }
  const std::string query = "?user=" + outbound::PercentEncode(external_id.substr(0, slash)) +
                            "&device=" + outbound::PercentEncode(external_id.substr(slash + 1));
  exchanges_.Send(Request(query, timeout), [external_id, done = std::move(done)](auto answer) {
    if (!answer) return done(Err(std::move(answer.error())));
    auto list = formats::ReadOwntracksList(answer->body);
    if (!list) return done(Err(FetchErrorOf(list.error())));
    std::erase_if(list->reports, [&](const formats::Report& report) {
      return report.external_id != external_id;
    });
    if (list->reports.empty()) {
      if (list->bad > 0) return done(Err(FetchError{"bad_answer", "its message is unreadable", {}}));
      return done(Err(FetchError{"not_found", "the Recorder does not know it", {}}));
    }
    Fetched fetched;
    fetched.reports = std::move(list->reports);
    done(std::move(fetched));
  });
}

void OwntracksConnector::Listen(Listener listener) {
  exchanges_.Later([listener = std::move(listener)] { listener.on_line(false, "unsupported"); });
}

}  // namespace trackwire::fetcher
