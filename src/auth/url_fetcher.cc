#include <arpa/inet.h>
#include <curl/curl.h>

#include <array>
#include <atomic>
#include <optional>

#include "auth/key_fetcher.h"
#include "base/check.h"

namespace trackwire::auth {
namespace {

constexpr size_t kMaxHeadBytes = 64 * 1'024;
constexpr size_t kMaxUrlBytes = 2'048;
constexpr int kPollMs = 1'000;

struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::string PartOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

/// A numeric address of this machine, or the name that curl itself keeps on it (RFC 6761).
bool IsLoopback(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) {
    return ntohl(address.s_addr) >> 24 == 127;
  }
  return host == "[::1]" || host == "localhost";
}

/// Whether the URL stays on this machine.
Result<bool> Examine(const std::string& text) {
  const auto bad = [](const char* why) { return Err("bad_url", why); };
  if (text.size() > kMaxUrlBytes) return bad("the URL is too long");
  const std::unique_ptr<CURLU, UrlFree> url(curl_url());
  CHECK(url != nullptr);
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return bad("it is not a URL");
  }
  if (!PartOf(url.get(), CURLUPART_USER).empty() ||
      !PartOf(url.get(), CURLUPART_PASSWORD).empty()) {
    return bad("a URL of public keys needs no name and password");
  }
  const std::string scheme = PartOf(url.get(), CURLUPART_SCHEME);
  const bool local = IsLoopback(PartOf(url.get(), CURLUPART_HOST));
  if (scheme == "https" || (scheme == "http" && local)) return local;
  return bad("keys are asked for over https, or over http from this machine alone");
}

/// What one transfer received.
struct Answer {
  size_t max_bytes = 0;
  size_t head_bytes = 0;
  bool too_large = false;
  std::string body;
};

size_t OnBody(char* bytes, size_t size, size_t count, void* target) {
  auto& answer = *static_cast<Answer*>(target);
  if (answer.body.size() + size * count > answer.max_bytes) {
    answer.too_large = true;
    return 0;
  }
  answer.body.append(bytes, size * count);
  return size * count;
}

size_t OnHead(char*, size_t size, size_t count, void* target) {
  auto& answer = *static_cast<Answer*>(target);
  answer.head_bytes += size * count;
  answer.too_large = answer.head_bytes > kMaxHeadBytes;
  return answer.too_large ? 0 : size * count;
}

class UrlFetcher final : public KeyFetcher {
 public:
  UrlFetcher(std::string url, bool local, const UrlFetcherOptions& options)
      : url_(std::move(url)),
        options_(options),
        multi_(curl_multi_init()),
        easy_(curl_easy_init()) {
    CHECK(multi_ != nullptr);
    CHECK(easy_ != nullptr);
    Set(CURLOPT_URL, url_.c_str());
    Set(CURLOPT_PROTOCOLS_STR, "http,https");
    Set(CURLOPT_FOLLOWLOCATION, 0L);
    Set(CURLOPT_HTTPGET, 1L);
    Set(CURLOPT_NOSIGNAL, 1L);
    Set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    Set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.timeout.count()));
    // Rare requests: a connection kept open would be gone by the next one.
    Set(CURLOPT_FORBID_REUSE, 1L);
    Set(CURLOPT_USERAGENT, "trackwire");
    Set(CURLOPT_ERRORBUFFER, reason_.data());
    Set(CURLOPT_WRITEFUNCTION, &OnBody);
    Set(CURLOPT_HEADERFUNCTION, &OnHead);
    // A proxy of the environment is for what lies outside.
    if (local) Set(CURLOPT_NOPROXY, "*");
    if (!options_.ca_file.empty()) Set(CURLOPT_CAINFO, options_.ca_file.c_str());
  }
  ~UrlFetcher() override {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }

  Result<std::string> Fetch() override {
    Answer answer;
    answer.max_bytes = options_.max_bytes;
    Set(CURLOPT_WRITEDATA, &answer);
    Set(CURLOPT_HEADERDATA, &answer);
    reason_[0] = '\0';
    CHECK(curl_multi_add_handle(multi_, easy_) == CURLM_OK);
    const auto code = Perform();
    curl_multi_remove_handle(multi_, easy_);
    if (!code) return Err("cancelled", "the server stops");
    if (answer.too_large) return Err("too_large", "the answer is too long for a key set");
    if (*code != CURLE_OK) {
      return Err("unreachable", reason_[0] == '\0' ? curl_easy_strerror(*code) : reason_.data());
    }
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) return Err("bad_status", "it answered " + std::to_string(status));
    return std::move(answer.body);
  }

  void Cancel() override {
    cancelled_ = true;
    curl_multi_wakeup(multi_);
  }

 private:
  template <typename T>
  void Set(CURLoption option, T value) {
    CHECK(curl_easy_setopt(easy_, option, value) == CURLE_OK);
  }

  /// How the transfer ended; nothing when it was cancelled.
  std::optional<CURLcode> Perform() {
    int running = 1;
    while (running > 0) {
      if (cancelled_) return std::nullopt;
      CHECK(curl_multi_perform(multi_, &running) == CURLM_OK);
      if (running > 0) curl_multi_poll(multi_, nullptr, 0, kPollMs, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    CHECK(message != nullptr);
    return message->data.result;
  }

  const std::string url_;
  const UrlFetcherOptions options_;
  std::atomic<bool> cancelled_{false};
  CURLM* multi_;
  CURL* easy_;
  std::array<char, CURL_ERROR_SIZE> reason_{};
};

}  // namespace

Result<void> CheckKeyUrl(const std::string& url) {
  auto local = Examine(url);
  if (!local) return Err(local.error());
  return Ok();
}

Result<std::unique_ptr<KeyFetcher>> MakeUrlFetcher(const std::string& url,
                                                   const UrlFetcherOptions& options) {
  auto local = Examine(url);
  if (!local) return Err(local.error());
  static const bool initialised = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  CHECK(initialised);
  return std::unique_ptr<KeyFetcher>(std::make_unique<UrlFetcher>(url, *local, options));
}

}  // namespace trackwire::auth
