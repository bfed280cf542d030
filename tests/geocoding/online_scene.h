#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "broker/embedded/embedded_broker.h"
#include "geocoding/online_geocoder.h"
#include "tests/support/await.h"
#include "tests/support/scripted_server.h"
#include "tests/support/shared_clock.h"

namespace trackwire::geocoding {

using Outcome = Result<Found, LookupError>;

/// What Nominatim says of a point near 50, 14.
inline std::string NominatimBody(const std::string& name = "Somewhere") {
  return R"({"lat":"50.0","lon":"14.0","display_name":")" + name +
         R"(","address":{"city":"Sometown","country_code":"sl"}})";
}
inline std::string PhotonBody() {
  return R"({"features":[{"geometry":{"type":"Point","coordinates":[14.0,50.0]},)"
         R"("properties":{"type":"city","name":"Sometown","countrycode":"SL"}}]})";
}

/// A server of maps: what it answers to its first, second ... request, and what it was asked.
class MapServer {
 public:
  /// A whole answer; empty: the connection is closed; see also kSilence.
  using Handle = std::function<std::string(size_t number, const std::string& request)>;
  static constexpr const char* kSilence = "silence";  ///< it says nothing until the client goes

  explicit MapServer(Handle handle)
      : handle_(std::move(handle)), server_([this](test::Peer& peer) { Serve(peer); }) {}
  /// Answers in their order, the last one again and again.
  explicit MapServer(std::vector<std::string> answers)
      : MapServer([answers = std::move(answers)](size_t number, const std::string&) {
          return answers[std::min(number, answers.size() - 1)];
        }) {}

  std::string Url() const { return server_.Url(""); }
  /// First lines of the requests so far.
  std::vector<std::string> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  size_t count() const { return asked().size(); }
  int most_at_once() const { return most_at_once_; }

 private:
  void Serve(test::Peer& peer) {
    while (const auto request = peer.Request()) {
      size_t number = 0;
      {
        const std::lock_guard lock(mutex_);
        number = asked_.size();
        asked_.push_back(*request);
        most_at_once_ = std::max(most_at_once_.load(), ++at_once_);
      }
      const std::string answer = handle_(number, *request);
      --at_once_;
      if (answer == kSilence) return peer.AwaitEnd();
      if (answer.empty() || !peer.Send(answer)) return;
      // What is not whole ends with the connection.
      if (answer.find("Content-Length: ") == std::string::npos ||
          answer.find("X-Cut") != std::string::npos) {
        return;
      }
    }
  }

  const Handle handle_;
  mutable std::mutex mutex_;  // between the connections' threads and the test
  std::vector<std::string> asked_;
  std::atomic<int> at_once_{0};
  std::atomic<int> most_at_once_{0};
  test::ScriptedServer server_;
};

/// A rate limiter that counts what it refuses.
class CountingLimiter final : public broker::RateLimiter {
 public:
  explicit CountingLimiter(broker::RateLimiter& real) : real_(real) {}
  void TakeAll(std::vector<broker::BucketCharge> charges, Done done) override {
    real_.TakeAll(std::move(charges), [this, done = std::move(done)](broker::Verdict verdict) {
      if (!verdict.allowed) ++refused;
      done(verdict);
    });
  }
  std::atomic<int> refused{0};

 private:
  broker::RateLimiter& real_;
};

/// Geocoders on a loop, sharing an embedded broker. Its clock stands still unless it is advanced;
/// time-outs are real.
class OnlineScene {
 public:
  explicit OnlineScene(const Clock* clock = nullptr) : clock_(clock != nullptr ? *clock : still) {
    control_.Start();
    loop_.Start();
    auto opened = broker::OpenEmbeddedBroker({}, control_, clock_);
    EXPECT_TRUE(opened);
    broker_ = std::move(*opened);
    limiter_ = std::make_unique<CountingLimiter>(broker_->rate_limiter());
    loop_.Run([&] { http_ = outbound::MakeHttpClient(loop_, {.user_agent = "trackwire/test"}); });
  }
  ~OnlineScene() {
    loop_.Run([&] {
      geocoders_.clear();
      http_.reset();
    });
    loop_.Stop();
    test::Await<bool>([&](auto done) {
      control_.Post([&, done] { broker_->Shutdown([done] { done(true); }); });
    });
    control_.Run([&] { broker_.reset(); });
    control_.Stop();
  }

  /// Of a server of one's own, without a rate.
  static OnlineOptions For(const MapServer& server, OnlineKind kind = OnlineKind::kNominatim) {
    OnlineOptions options;
    options.name = "streets";
    options.kind = kind;
    options.url = server.Url();
    options.requests_per_second = 0;
    options.timeout = std::chrono::seconds(20);
    options.deadline = std::chrono::seconds(25);
    options.allow_private = true;
    return options;
  }
  OnlineGeocoder& Make(OnlineOptions options) {
    geocoders_.push_back(std::make_unique<OnlineGeocoder>(loop_, *http_, *limiter_, clock_,
                                                          std::move(options)));
    return *geocoders_.back();
  }
  Outcome Look(OnlineGeocoder& geocoder, Place place = {50, 14, "en"}) {
    return test::Await<Outcome>(
        [&](Geocoder::Done done) { geocoder.Look(place, std::move(done)); });
  }
  void DestroyAll() {
    loop_.Run([&] { DestroyAllHere(); });
  }
  /// On the loop; those who are answered thereby may call it again.
  void DestroyAllHere() { const auto those = std::exchange(geocoders_, {}); }

  net::Loop& loop() { return loop_; }
  outbound::HttpClient& http() { return *http_; }
  CountingLimiter& limiter() { return *limiter_; }

  test::SharedClock still;

 private:
  const Clock& clock_;
  net::Loop control_{"control"};
  net::Loop loop_{"online"};
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<CountingLimiter> limiter_;
  std::unique_ptr<outbound::HttpClient> http_;
  std::vector<std::unique_ptr<OnlineGeocoder>> geocoders_;
};

/// Outcomes as they come, in their order; also those that come when this has gone.
class Outcomes {
 public:
  Geocoder::Done Next(std::string name) {
    return [kept = kept_, name = std::move(name)](Outcome outcome) {
      const std::lock_guard lock(kept->mutex);
      kept->names.push_back(name);
      kept->outcomes.push_back(std::move(outcome));
    };
  }
  std::vector<std::string> names() const {
    const std::lock_guard lock(kept_->mutex);
    return kept_->names;
  }
  std::vector<Outcome> all() const {
    const std::lock_guard lock(kept_->mutex);
    return kept_->outcomes;
  }
  size_t count() const { return names().size(); }

 private:
  struct Kept {
    std::mutex mutex;  // between the loop and the test
    std::vector<std::string> names;
    std::vector<Outcome> outcomes;
  };
  std::shared_ptr<Kept> kept_ = std::make_shared<Kept>();
};

}  // namespace trackwire::geocoding
