#include "outbound/http_client.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/text.h"
#include "net/timer.h"
#include "outbound/curl_loop.h"
#include "outbound/easy.h"
#include "outbound/headers.h"

namespace trackwire::outbound {
namespace {

constexpr size_t kMaxHeadBytes = 64 * 1'024;
constexpr size_t kMaxFieldBytes = 1'024;
constexpr size_t kMaxTransfers = 4'096;
constexpr std::chrono::seconds kMaxRetryAfter{7 * 24 * 3'600};

/// Spec: RFC 9110 section 10.2.3, a number of seconds or a date.
std::optional<std::chrono::seconds> RetryAfterOf(const std::string& value, WallTime now) {
  int64_t seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc::result_out_of_range) return kMaxRetryAfter;
  if (error != std::errc() || end != value.data() + value.size()) {
    const time_t date = curl_getdate(value.c_str(), nullptr);
    if (date < 0) return std::nullopt;
    seconds = std::max<int64_t>(
        0, date - std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count());
  }
  if (seconds < 0) return std::nullopt;
  return std::min(kMaxRetryAfter, std::chrono::seconds(seconds));
}

/// One request and what is known of its answer.
class Job final : public CurlLoop::Ender {
 public:
  Job(HttpRequest request, const HttpClientOptions& options)
      : request_(std::move(request)),
        easy_(request_.allow_private, options.user_agent, options.ca_file),
        begun_(Steady::now()) {}

  Result<void> Prepare();
  /// The one end of the transfer.
  void OnEnd(CURLcode code) override { on_end(OutcomeOf(code)); }

  CURL* easy() const { return easy_.get(); }
  std::chrono::milliseconds timeout() const { return request_.timeout; }

  std::function<void(Result<HttpAnswer>)> on_end;
  bool added = false;

 private:
  static size_t OnBody(char* bytes, size_t size, size_t count, void* job);
  static size_t OnHead(char* bytes, size_t size, size_t count, void* job);
  void ReadField(std::string_view line);
  Result<HttpAnswer> OutcomeOf(CURLcode code);

  HttpRequest request_;
  Easy easy_;
  HttpAnswer answer_;
  size_t head_bytes_ = 0;
  bool head_whole_ = false;
  bool too_large_ = false;
  const Steady::time_point begun_;
};

Result<void> Job::Prepare() {
  if (!IsSendableHeader(request_.method, "")) return Err("bad_url", "the method cannot be sent");
  if (auto url = easy_.SetUrl(request_.url); !url) return url;
  if (auto headers = easy_.SetHeaders(request_.headers); !headers) return headers;
  if (request_.method == "HEAD") {
    easy_.Set(CURLOPT_NOBODY, 1L);
  } else if (request_.method != "GET" || !request_.body.empty()) {
    easy_.Set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    easy_.Set(CURLOPT_POSTFIELDS, request_.body.data());
    easy_.Set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  }
  // What comes unpacked is what OnBody() counts.
  easy_.Set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
  easy_.Set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  easy_.Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.timeout.count()));
  easy_.Set(CURLOPT_WRITEFUNCTION, &OnBody);
  easy_.Set(CURLOPT_WRITEDATA, this);
  easy_.Set(CURLOPT_HEADERFUNCTION, &OnHead);
  easy_.Set(CURLOPT_HEADERDATA, this);
  return Ok();
}

size_t Job::OnBody(char* bytes, size_t size, size_t count, void* target) {
  auto& job = *static_cast<Job*>(target);
  std::string& body = job.answer_.body;
  if (size * count > job.request_.max_bytes - body.size()) {
    job.too_large_ = true;
    return 0;
  }
  body.append(bytes, size * count);
  return size * count;
}

size_t Job::OnHead(char* bytes, size_t size, size_t count, void* target) {
  auto& job = *static_cast<Job*>(target);
  job.head_bytes_ += size * count;
  job.too_large_ = job.too_large_ || job.head_bytes_ > kMaxHeadBytes;
  if (job.too_large_) return 0;
  job.ReadField(std::string_view(bytes, size * count));
  return size * count;
}

void Job::ReadField(std::string_view line) {
  if (line.starts_with("HTTP/")) {  // after an interim answer (1xx) comes another
    answer_ = HttpAnswer();
    head_whole_ = false;
    return;
  }
  if (base::Trim(line).empty()) head_whole_ = true;
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos || line.size() > kMaxFieldBytes) return;
  const std::string_view name = line.substr(0, colon);
  std::string value(base::Trim(line.substr(colon + 1)));
  if (base::EqualsIgnoreCase(name, "content-type")) answer_.content_type = std::move(value);
  else if (base::EqualsIgnoreCase(name, "etag")) answer_.etag = std::move(value);
  else if (base::EqualsIgnoreCase(name, "last-modified")) answer_.last_modified = std::move(value);
  else if (base::EqualsIgnoreCase(name, "retry-after")) {
    answer_.retry_after = RetryAfterOf(value, Clock::System().WallNow());
  }
}

Result<HttpAnswer> Job::OutcomeOf(CURLcode code) {
  if (too_large_) return Err("too_large", "the answer is larger than allowed");
  if (code != CURLE_OK) return Err(easy_.ErrorOf(code));
  // To curl the end of the connection ends the head as well.
  if (!head_whole_) return Err("unreachable", "the answer was cut");
  long status = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  answer_.status = static_cast<int>(status);
  answer_.took = std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begun_);
  return std::move(answer_);
}

/// Its transfers as their owners hold them.
class CurlHttpClient final : public HttpClient {
 public:
  CurlHttpClient(net::Loop& loop, const HttpClientOptions& options)
      : loop_(loop), options_(options), curl_(loop), jobs_(std::make_shared<Jobs>()) {
    jobs_->client = this;
    curl_.Limit(options.max_connections, options.max_per_host);
  }
  ~CurlHttpClient() override {
    for (const auto& entry : jobs_->all) Detach(*entry);
    jobs_->all.clear();
    jobs_->client = nullptr;
  }

  std::unique_ptr<Transfer> Send(HttpRequest request, Done done) override;

 private:
  struct Entry : std::enable_shared_from_this<Entry> {
    Entry(HttpRequest request, const HttpClientOptions& options, Done on_done)
        : job(std::move(request), options), done(std::move(on_done)) {}
    Job job;
    Done done;
    std::optional<net::Timer> deadline;
    bool ended = false;
    CurlHttpClient* client = nullptr;  // outlives the time until the deadline
  };
  using EntryRef = std::shared_ptr<Entry>;
  /// What handles and posted ends find their client by, should it still be there.
  struct Jobs {
    CurlHttpClient* client = nullptr;
    std::unordered_set<EntryRef> all;
  };
  class Handle final : public Transfer {
   public:
    Handle(std::shared_ptr<Jobs> jobs, const EntryRef& entry)
        : jobs_(std::move(jobs)), entry_(entry) {}
    ~Handle() override {
      const EntryRef entry = entry_.lock();
      if (entry == nullptr || jobs_->client == nullptr) return;
      jobs_->client->Detach(*entry);
      jobs_->all.erase(entry);
    }

   private:
    std::shared_ptr<Jobs> jobs_;
    std::weak_ptr<Entry> entry_;
  };

  void End(Entry& entry, Result<HttpAnswer> outcome);
  void Detach(Entry& entry);

  net::Loop& loop_;
  const HttpClientOptions options_;
  CurlLoop curl_;
  std::shared_ptr<Jobs> jobs_;
};

std::unique_ptr<HttpClient::Transfer> CurlHttpClient::Send(HttpRequest request, Done done) {
  const auto entry = std::make_shared<Entry>(std::move(request), options_, std::move(done));
  entry->client = this;
  jobs_->all.insert(entry);
  Entry* const raw = entry.get();
  entry->job.on_end = [this, raw](Result<HttpAnswer> outcome) { End(*raw, std::move(outcome)); };
  if (jobs_->all.size() > kMaxTransfers) {
    End(*raw, Err("unreachable", "too many requests wait already"));
  } else if (auto prepared = entry->job.Prepare(); !prepared) {
    End(*raw, Err(prepared.error()));
  } else {
    entry->deadline.emplace(
        [](void* context) {
          auto& late = *static_cast<Entry*>(context);
          late.client->End(late, Err("timeout", "no answer in time"));
        },
        raw);
    // Also over what waits for a connection, which curl does not time.
    entry->deadline->Start(loop_.timers(), entry->job.timeout());
    entry->job.added = true;
    curl_.Add(entry->job.easy(), &entry->job);
  }
  return std::make_unique<Handle>(jobs_, entry);
}

/// The transfer leaves curl now; its owner hears of it in a turn of its own, so that it may do
/// anything, even destroy the client.
void CurlHttpClient::End(Entry& entry, Result<HttpAnswer> outcome) {
  if (entry.ended) return;
  entry.ended = true;
  Detach(entry);
  loop_.Post([weak_jobs = std::weak_ptr(jobs_), weak = entry.weak_from_this(),
              outcome = std::move(outcome)]() mutable {
    const auto jobs = weak_jobs.lock();
    const EntryRef keep = weak.lock();
    if (jobs == nullptr || keep == nullptr || jobs->all.erase(keep) == 0) return;
    const Done done = std::move(keep->done);
    done(std::move(outcome));
  });
}

void CurlHttpClient::Detach(Entry& entry) {
  if (entry.deadline) entry.deadline->Cancel();
  if (!entry.job.added) return;
  entry.job.added = false;
  curl_.Remove(entry.job.easy());
}

}  // namespace

std::unique_ptr<HttpClient> MakeHttpClient(net::Loop& loop, const HttpClientOptions& options) {
  return std::make_unique<CurlHttpClient>(loop, options);
}

}  // namespace trackwire::outbound
