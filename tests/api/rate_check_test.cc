#include "api/rate_check.h"

#include <gtest/gtest.h>

#include "broker/embedded/embedded_rate_limiter.h"
#include "net/loop.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"
#include "tests/support/late_keys.h"
#include "tests/support/shared_clock.h"

namespace trackwire::api {
namespace {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

/// Answers from another thread, as a broker on a server does.
class RemoteLimiter final : public broker::RateLimiter {
 public:
  RemoteLimiter(net::Loop& loop, const Clock& clock) : loop_(loop), real_(clock, 100) {}
  void TakeAll(std::vector<broker::BucketCharge> charges, Done done) override {
    loop_.Post([this, held = std::move(charges), answer = std::move(done)]() mutable {
      real_.TakeAll(std::move(held), std::move(answer));
    });
  }

 private:
  net::Loop& loop_;
  broker::EmbeddedRateLimiter real_;
};

class Greeting final : public Endpoint {
 public:
  Greeting(const Access& access, auth::LimitKind kind) : Endpoint(access, "GET", 0), kind_(kind) {}

 protected:
  void Serve(const Exchange& exchange, const Request& request, std::string) override {
    WithCaller(
        access(), exchange, request,
        [exchange](const auth::Identity&) { exchange.Respond(Response::Text(200, "hello")); },
        kind_);
  }

 private:
  const auth::LimitKind kind_;
};

/// Both ways an answer may come: at once, and from the broker's loop.
class RateCheckTest : public ::testing::TestWithParam<bool> {
 protected:
  ~RateCheckTest() override {
    shards_.Stop();
    loop_.Stop();
  }
  void Open(auth::LimitKind kind) {
    loop_.Start();
    auth::LimitRules rules;
    rules.loopback = true;
    for (auto& of_kind : rules.rules) {
      for (auto& rule : of_kind) rule = {0, 1};
    }
    rules.Of(kind, auth::LimitScope::kAddress) = {0.1, 3};
    if (GetParam()) {
      limiter_ = std::make_unique<RemoteLimiter>(loop_, clock_);
    } else {
      limiter_ = std::make_unique<broker::EmbeddedRateLimiter>(clock_, 100);
    }
    limits_ = std::make_unique<auth::RateLimits>(*limiter_, clock_, rules);
    access_ = std::make_unique<Access>(
        Access{verifier_, *auth::OriginList::Parse({"https://a.org"}), "access_token", false,
               limits_.get()});
    route_ = std::make_unique<Greeting>(*access_, kind);
    shards_.Listen("/api/greeting", route_.get());
  }
  testing::Reply Get(const std::string& header) {
    return testing::HttpClient(shards_.port()).Do("GET", "/api/greeting", {header});
  }

  test::SharedClock clock_;
  net::Loop loop_{"control"};
  std::unique_ptr<broker::RateLimiter> limiter_;
  std::unique_ptr<auth::RateLimits> limits_;
  std::shared_ptr<test::LateKeys> keys_ = std::make_shared<test::LateKeys>();
  auth::TokenVerifier verifier_{keys_, Clock::System()};
  std::unique_ptr<Access> access_;
  std::unique_ptr<Greeting> route_;
  testing::TestShards shards_{1};
};

INSTANTIATE_TEST_SUITE_P(AtOnceAndLater, RateCheckTest, ::testing::Bool());

TEST_P(RateCheckTest, ARequestTooManySaysWhenToComeBack) {
  Open(auth::LimitKind::kApi);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get("Origin: https://a.org").status, 200);
  const testing::Reply refused = Get("Origin: https://a.org");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "10");
  EXPECT_EQ(refused.Header("Access-Control-Allow-Origin"), "https://a.org");
  EXPECT_EQ(refused.body, R"({"error":{"code":"rate_limited","message":"Too many requests",)"
                          R"("retry_after":10}})");
  EXPECT_EQ(limits_->counters().refused[static_cast<size_t>(auth::LimitKind::kApi)], 1u);
  clock_.Advance(std::chrono::seconds(10));
  EXPECT_EQ(Get("Accept: */*").status, 200);
}

TEST_P(RateCheckTest, OtherKindsHaveLimitsOfTheirOwn) {
  Open(auth::LimitKind::kGraphql);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Get("Accept: */*").status, 200);
  const testing::Reply refused = Get("Accept: */*");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.Header("Retry-After"), "10");
  EXPECT_EQ(refused.body, R"({"errors":[{"message":"Too many requests","extensions":{)"
                          R"("code":"rate_limited","retry_after":10}}]})");
  EXPECT_EQ(limits_->counters().allowed[static_cast<size_t>(auth::LimitKind::kGraphql)], 3u);
}

}  // namespace
}  // namespace trackwire::api
