#include "cli/http_poster.h"

#include <curl/curl.h>

#include "base/check.h"

namespace trackwire::cli {
namespace {

constexpr size_t kMaxAnswerBytes = 16u << 20;

size_t Collect(char* bytes, size_t size, size_t count, void* target) {
  auto* body = static_cast<std::string*>(target);
  if (body->size() + size * count > kMaxAnswerBytes) return 0;
  body->append(bytes, size * count);
  return size * count;
}

}  // namespace

struct HttpPoster::State {
  CURL* handle = nullptr;
  curl_slist* headers = nullptr;
  std::string answer;
  char error[CURL_ERROR_SIZE] = {};
};

HttpPoster::HttpPoster(const std::string& url, const std::string& token, const std::string& ca)
    : state_(std::make_unique<State>()) {
  CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == 0);
  state_->handle = curl_easy_init();
  CHECK(state_->handle != nullptr);
  state_->headers = curl_slist_append(nullptr, "Content-Type: application/json");
  state_->headers = curl_slist_append(state_->headers, ("Authorization: Bearer " + token).c_str());
  state_->headers = curl_slist_append(state_->headers, "Expect:");
  std::string target = url;
  while (!target.empty() && target.back() == '/') target.pop_back();
  target += "/api/notifications";
  CURL* handle = state_->handle;
  curl_easy_setopt(handle, CURLOPT_URL, target.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, state_->headers);
  if (!ca.empty()) {
    curl_easy_setopt(handle, CURLOPT_CAINFO, ca.c_str());
    curl_easy_setopt(handle, CURLOPT_CAPATH, nullptr);
  }
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 10L);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT, 60L);
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &state_->answer);
  curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, state_->error);
}

HttpPoster::~HttpPoster() {
  curl_slist_free_all(state_->headers);
  curl_easy_cleanup(state_->handle);
}

Result<HttpPoster::Answer> HttpPoster::Post(const std::string& body) {
  state_->answer.clear();
  curl_easy_setopt(state_->handle, CURLOPT_POSTFIELDSIZE_LARGE,
                   static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(state_->handle, CURLOPT_POSTFIELDS, body.data());
  const CURLcode code = curl_easy_perform(state_->handle);
  if (code != CURLE_OK) {
    return Err("unreachable", state_->error[0] != '\0' ? state_->error : curl_easy_strerror(code));
  }
  Answer answer;
  curl_easy_getinfo(state_->handle, CURLINFO_RESPONSE_CODE, &answer.status);
  answer.body = std::move(state_->answer);
  return answer;
}

}  // namespace trackwire::cli
