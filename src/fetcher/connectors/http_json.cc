#include "fetcher/connectors/http_json.h"

#include <algorithm>
#include <iterator>

#include "base/json_scanner.h"
#include "fetcher/connectors/service_url.h"
#include "outbound/url.h"

namespace trackwire::fetcher {
namespace {

constexpr size_t kMaxReports = 200'000;

formats::JsonMapper MapperOf(formats::JsonMapping mapping, bool whole_document) {
  if (whole_document) mapping.items.clear();
  auto mapper = formats::JsonMapper::Make(mapping);
  return std::move(mapper.value());
}

/// What stands between the quotes of a JSON string.
std::string JsonContent(const std::string& text) {
  std::string quoted;
  base::AppendJsonString(quoted, text);
  return quoted.substr(1, quoted.size() - 2);
}

FetchError Unreadable(const formats::JsonItems& items) {
  return {"bad_answer", items.first_error, {}};
}

}  // namespace

struct HttpJsonConnector::Paging {
  Paging(std::chrono::milliseconds timeout, bool is_conditional, Done on_done)
      : deadline(timeout), conditional(is_conditional), done(std::move(on_done)) {}

  Deadline deadline;
  const bool conditional;
  Done done;
  std::string url;
  size_t pages = 0;
  Fetched fetched;
  std::string first_error;
};

HttpJsonConnector::HttpJsonConnector(const ConnectorOptions& options, outbound::HttpClient& client,
                                     net::Loop& loop)
    : options_(options),
      mapper_(MapperOf(endpoint().mapping, false)),
      one_mapper_(MapperOf(endpoint().mapping, true)),
      next_page_(formats::JsonPointer::Parse(endpoint().next_page).value()),
      exchanges_(client, loop) {}

Connector::Abilities HttpJsonConnector::abilities() const {
  return {.all = !endpoint().url.empty(), .one = true};
}

outbound::HttpRequest HttpJsonConnector::Request(std::string url,
                                                 std::chrono::milliseconds timeout) const {
  outbound::HttpRequest request;
  request.method = endpoint().method;
  request.url = std::move(url);
  request.headers = endpoint().headers;
  request.body = endpoint().body;
  if (!request.body.empty()) request.headers.emplace_back("Content-Type", endpoint().body_type);
  request.timeout = timeout;
  request.max_bytes = options_.max_answer_bytes;
  request.allow_private = options_.allow_private;
  return request;
}

void HttpJsonConnector::FetchAll(std::chrono::milliseconds timeout, Done done) {
  if (endpoint().url.empty()) {
    return exchanges_.Later([done = std::move(done)] {
      done(Err(FetchError{"unsupported", "it has no feed of all", {}}));
    });
  }
  // The first page may stay as it is while later ones change.
  const bool conditional = next_page_.whole();
  auto paging = std::make_shared<Paging>(timeout, conditional, std::move(done));
  paging->url = endpoint().url;
  AskPage(std::move(paging));
}

void HttpJsonConnector::AskPage(std::shared_ptr<Paging> paging) {
  auto request = Request(paging->url, paging->deadline.left());
  if (paging->conditional) validators_.AddTo(request);
  exchanges_.Send(std::move(request), [this, paging = std::move(paging)](auto answer) {
    if (!answer) return paging->done(Err(std::move(answer.error())));
    OnPage(paging, *answer);
  });
}

void HttpJsonConnector::OnPage(const std::shared_ptr<Paging>& paging,
                               const outbound::HttpAnswer& answer) {
  if (answer.status == 304) {
    paging->fetched.unchanged = true;
    return paging->done(std::move(paging->fetched));
  }
  auto items = mapper_.Read(answer.body, options_.clock->WallNow());
  if (!items) return paging->done(Err(FetchErrorOf(items.error())));
  Fetched& fetched = paging->fetched;
  if (paging->first_error.empty()) paging->first_error = items->first_error;
  fetched.bad += items->bad;
  std::move(items->reports.begin(), items->reports.end(), std::back_inserter(fetched.reports));
  auto next = NextPage(*paging, answer.body);
  if (!next) return paging->done(Err(std::move(next.error())));
  ++paging->pages;
  if (*next && paging->pages < endpoint().max_pages && fetched.reports.size() < kMaxReports) {
    paging->url = std::move(**next);
    return AskPage(paging);
  }
  // Not one that makes sense: the mapping is wrong, or the source has changed.
  if (fetched.reports.empty() && fetched.bad > 0) {
    return paging->done(Err(FetchError{"bad_answer", paging->first_error, {}}));
  }
  if (paging->conditional) validators_.Keep(answer);
  paging->done(std::move(fetched));
}

Result<std::optional<std::string>, FetchError> HttpJsonConnector::NextPage(
    const Paging& paging, const std::string& body) const {
  const std::optional<std::string> none;
  if (next_page_.whole()) return none;
  const auto value = next_page_.Find(*base::ScanJson(body));
  if (!value || (!value->is_string() && !value->is_number())) return none;
  const std::string text =
      value->is_string() ? base::DecodeJsonString(value->text) : std::string(value->text);
  if (text.empty()) return none;
  auto next = endpoint().page_parameter.empty()
                  ? outbound::ResolveUrl(paging.url, text)
                  : outbound::WithParameter(paging.url, endpoint().page_parameter, text);
  // Our headers are for the origin that was configured.
  if (!next || !outbound::SameOrigin(*next, endpoint().url)) {
    return Err(FetchError{"bad_answer", "the next page is not of the same origin", {}});
  }
  if (*next == paging.url) return none;
  return std::optional<std::string>(std::move(*next));
}

void HttpJsonConnector::FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                                 Done done) {
  if (!endpoint().url_one.empty()) {
    auto request =
        Request(FillIn(endpoint().url_one, external_id, &outbound::PercentEncode), timeout);
    request.body = FillIn(std::move(request.body), external_id, &JsonContent);
    return exchanges_.Send(std::move(request),
                           [this, external_id, done = std::move(done)](auto answer) {
                             if (!answer) return done(Err(std::move(answer.error())));
                             done(ReadOne(external_id, answer->body));
                           });
  }
  // Unconditional: what FetchAll() was given says nothing about this one.
  auto paging = std::make_shared<Paging>(
      timeout, false, [external_id, done = std::move(done)](Result<Fetched, FetchError> all) {
        if (!all) return done(Err(std::move(all.error())));
        std::erase_if(all->reports, [&](const formats::Report& report) {
          return report.external_id != external_id;
        });
        if (all->reports.empty()) {
          return done(Err(FetchError{"not_found", "it is not in the feed", {}}));
        }
        done(std::move(*all));
      });
  paging->url = endpoint().url;
  AskPage(std::move(paging));
}

Result<Fetched, FetchError> HttpJsonConnector::ReadOne(const std::string& external_id,
                                                       const std::string& body) const {
  const WallTime now = options_.clock->WallNow();
  auto items = mapper_.Read(body, now, external_id);
  if (!items && items.error().code == "no_items") items = one_mapper_.Read(body, now, external_id);
  if (!items) return Err(FetchErrorOf(items.error()));
  std::erase_if(items->reports, [&](const formats::Report& report) {
    return report.external_id != external_id;
  });
  if (items->reports.empty()) {
    if (items->bad > 0) return Err(Unreadable(*items));
    if (items->filtered > 0) return Err(FetchError{"no_fix", "it has no place now", {}});
    return Err(FetchError{"not_found", "the answer is about others", {}});
  }
  Fetched fetched;
  fetched.reports = std::move(items->reports);
  return fetched;
}

void HttpJsonConnector::Listen(Listener listener) {
  exchanges_.Later([listener = std::move(listener)] { listener.on_line(false, "unsupported"); });
}

}  // namespace trackwire::fetcher
