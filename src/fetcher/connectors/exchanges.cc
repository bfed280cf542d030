#include "fetcher/connectors/exchanges.h"

#include <algorithm>

namespace trackwire::fetcher {
namespace {

std::string Answered(int status) { return "it answered " + std::to_string(status); }

}  // namespace

bool IsStatus(const FetchError& error, int status) { return error.detail == Answered(status); }

FetchError FetchErrorOf(Error error) {
  if (error.code == "too_many") return {"too_large", std::move(error.detail), {}};
  const bool unreadable = error.code == "bad_json" || error.code == "bad_message" ||
                          error.code == "no_items" || error.code == "encrypted";
  if (unreadable) return {"bad_answer", std::move(error.detail), {}};
  return {std::move(error.code), std::move(error.detail), {}};
}

std::optional<FetchError> StatusError(const outbound::HttpAnswer& answer) {
  const int status = answer.status;
  if ((status >= 200 && status < 300) || status == 304) return std::nullopt;
  FetchError error{"bad_status", Answered(status), {}};
  if (answer.retry_after) error.retry_after = *answer.retry_after;
  if (status == 401 || status == 403) error.code = "unauthorized";
  if (status == 404 || status == 410) error.code = "not_found";
  if (status == 429) error.code = "rate_limited";
  return error;
}

void Exchanges::Send(outbound::HttpRequest request, Done done) {
  const uint64_t number = next_++;
  transfers_[number] = client_.Send(
      std::move(request), [this, number, done = std::move(done)](Result<outbound::HttpAnswer> sent) {
        // The transfer owns this very function.
        const auto transfer = std::move(transfers_[number]);
        transfers_.erase(number);
        if (!sent) return done(Err(FetchErrorOf(std::move(sent.error()))));
        auto error = StatusError(*sent);
        if (error) return done(Err(std::move(*error)));
        done(std::move(*sent));
      });
}

void Exchanges::Later(std::function<void()> task) {
  loop_.Post([weak = std::weak_ptr(alive_), task = std::move(task)] {
    if (!weak.expired()) task();
  });
}

void Validators::AddTo(outbound::HttpRequest& request) const {
  if (!etag_.empty()) request.headers.emplace_back("If-None-Match", etag_);
  if (!last_modified_.empty()) request.headers.emplace_back("If-Modified-Since", last_modified_);
}

void Validators::Keep(const outbound::HttpAnswer& answer) {
  etag_ = answer.etag;
  last_modified_ = answer.last_modified;
}

std::chrono::milliseconds Deadline::left() const {
  using std::chrono::milliseconds;
  return std::max(milliseconds(1), std::chrono::ceil<milliseconds>(end_ - Steady::now()));
}

}  // namespace trackwire::fetcher
