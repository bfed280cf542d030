#pragma once

#include <gtest/gtest.h>

#include <future>

#include "net/loop.h"
#include "outbound/http_client.h"
#include "tests/support/await.h"

namespace trackwire::outbound::testing {

/// A client on a loop of its own, asked from the test's thread.
class Asker {
 public:
  explicit Asker(HttpClientOptions options = {}) {
    loop_.Start();
    loop_.Run([&] { client_ = MakeHttpClient(loop_, options); });
  }
  ~Asker() {
    loop_.Run([&] { client_.reset(); });
    loop_.Stop();
  }

  static HttpRequest To(std::string url) {
    HttpRequest request;
    request.url = std::move(url);
    request.allow_private = true;
    request.timeout = std::chrono::seconds(30);
    return request;
  }

  /// A request under way.
  struct Pending {
    std::shared_ptr<std::unique_ptr<HttpClient::Transfer>> transfer;
    std::future<Result<HttpAnswer>> answer;
  };
  Pending Begin(HttpRequest request) {
    auto promise = std::make_shared<std::promise<Result<HttpAnswer>>>();
    Pending pending{std::make_shared<std::unique_ptr<HttpClient::Transfer>>(),
                    promise->get_future()};
    loop_.Run([&] {
      *pending.transfer = client_->Send(std::move(request), [promise](Result<HttpAnswer> answer) {
        promise->set_value(std::move(answer));
      });
    });
    return pending;
  }
  Result<HttpAnswer> End(Pending pending) {
    auto answer = pending.answer.get();
    loop_.Run([&] { pending.transfer->reset(); });
    return answer;
  }
  Result<HttpAnswer> Ask(HttpRequest request) { return End(Begin(std::move(request))); }
  Result<HttpAnswer> Ask(const std::string& url) { return Ask(To(url)); }

  /// The body, or the code of the error.
  std::string Text(HttpRequest request) {
    auto answer = Ask(std::move(request));
    return answer ? answer->body : answer.error().code;
  }
  std::string Text(const std::string& url) { return Text(To(url)); }

  net::Loop& loop() { return loop_; }
  HttpClient& client() { return *client_; }
  std::unique_ptr<HttpClient> TakeClient() { return std::move(client_); }

 private:
  net::Loop loop_{"asker"};
  std::unique_ptr<HttpClient> client_;
};

}  // namespace trackwire::outbound::testing
