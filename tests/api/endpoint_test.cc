#include "api/endpoint.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "api/health.h"
#include "api/metrics.h"
#include "api/notifications.h"
#include "api/security_headers.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"
#include "tests/support/await.h"
#include "tests/support/late_keys.h"

namespace trackwire::api {
namespace {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

class Echo final : public Endpoint {
 public:
  using Endpoint::Endpoint;

 protected:
  std::optional<Response> Refuse(const Request& request) override {
    if (!request.headers.Find("X-Refuse")) return std::nullopt;
    return ErrorResponse(403, "no", "refused \"here\"");
  }
  void Serve(const Exchange& exchange, const Request& request, std::string body) override {
    exchange.Respond(WithHeaders(Response::Text(200, "got " + body), AnswerHeaders(request)));
  }
};

class EndpointTest : public ::testing::Test {
 protected:
  EndpointTest() {
    auto origins = auth::OriginList::Parse({"https://a.org"});
    access_ = std::make_unique<Access>(Access{verifier_, *origins, "access_token", false});
    echo_ = std::make_unique<Echo>(*access_, "POST", 10);
    shards_.Listen("/api/echo", echo_.get());
  }
  /// With a body, that is called JSON unless `headers` have another name for it.
  testing::Reply Do(const std::string& method, std::vector<std::string> headers = {},
                    const std::optional<std::string>& body = std::nullopt) {
    const bool named = std::any_of(headers.begin(), headers.end(), [](const std::string& header) {
      return header.starts_with("Content-Type:");
    });
    if (body && !named) headers.push_back("Content-Type: application/json");
    return testing::HttpClient(shards_.port()).Do(method, "/api/echo", headers, body);
  }

  auth::TokenVerifier verifier_{std::make_shared<auth::SecretKeySet>(nullptr), Clock::System()};
  std::unique_ptr<Access> access_;
  std::unique_ptr<Echo> echo_;
  testing::TestShards shards_{1};
};

TEST_F(EndpointTest, ServesItsMethodWithTheBody) {
  const auto reply = Do("POST", {}, "0123456789");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "got 0123456789");
  EXPECT_EQ(reply.Header("X-Content-Type-Options"), "nosniff");
}

TEST_F(EndpointTest, AnswersOtherMethodsWithTheRightOne) {
  const auto reply = Do("GET");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.Header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(reply.body, R"({"error":{"code":"method_not_allowed","message":"use POST"}})");
}

TEST_F(EndpointTest, RefusesABodyThatIsTooLong) {
  const auto reply = Do("POST", {}, "01234567890");
  EXPECT_EQ(reply.status, 413);
  EXPECT_EQ(reply.body,
            R"({"error":{"code":"too_large","message":"the body is longer than 10 bytes"}})");
}

TEST_F(EndpointTest, RefusesBeforeTheBodyIsRead) {
  testing::HttpClient client(shards_.port());
  client.connection().Send(
      "POST /api/echo HTTP/1.1\r\nHost: x\r\nX-Refuse: 1\r\nContent-Length: 5\r\n\r\n");
  const auto reply = client.Finish();
  EXPECT_EQ(reply.status, 403);
  EXPECT_EQ(reply.body, R"({"error":{"code":"no","message":"refused \"here\""}})");
}

TEST_F(EndpointTest, SaysHowLongToWait) {
  const Response response =
      ErrorResponse(429, "rate_limited", "too many", std::chrono::milliseconds(1'250));
  EXPECT_EQ(response.headers.Find("Retry-After"), "2");
  EXPECT_EQ(response.content(),
            R"({"error":{"code":"rate_limited","message":"too many","retry_after":2}})");
}

TEST_F(EndpointTest, TakesOnlyBodiesThatNoFormCanSend) {
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=x", "application/jsonx", "x application/json",
                           "text/plain; application/json", ""}) {
    const auto reply = Do("POST", {std::string("Content-Type: ") + type}, "x");
    EXPECT_EQ(reply.status, 415) << type;
    EXPECT_NE(reply.body.find("unsupported_media_type"), std::string::npos) << type;
  }
  for (const char* type :
       {"application/json", "Application/JSON", "application/json; charset=utf-8"}) {
    EXPECT_EQ(Do("POST", {std::string("Content-Type: ") + type}, "x").status, 200) << type;
  }
  EXPECT_EQ(Do("POST", {"Content-Type: text/plain"}, "").status, 200) << "there is no body";
  EXPECT_EQ(Do("POST", {"Content-Type: text/plain", "Authorization: Bearer a.b.c"}, "x").status, 200)
      << "no browser sends a token by itself";
}

TEST_F(EndpointTest, RefusesCookiesThatOtherSitesPagesSend) {
  const std::string cookie = "Cookie: access_token=a.b.c";
  const std::vector<std::vector<std::string>> foreign = {
      {"Origin: https://b.org"},
      {"Origin: null"},
      {"Origin: https://a.org.evil"},
      {"Origin: http://a.org"},
      {"Origin: https://server.test:8443"},
      {"Origin: https://a.org", "Origin: https://b.org"},
      {"Sec-Fetch-Site: cross-site"},
      {"Origin: http://server.test", "Sec-Fetch-Site: cross-site"},  // our name without our TLS
  };
  for (std::vector<std::string> headers : foreign) {
    const std::string first = headers.front();
    EXPECT_EQ(Do("POST", headers, "x").status, 200) << "without a cookie: " << first;
    headers.push_back(cookie);
    const auto reply = Do("POST", headers, "x");
    EXPECT_EQ(reply.status, 403) << first;
    EXPECT_NE(reply.body.find("\"cross_site\""), std::string::npos) << first;
    headers.push_back("Authorization: Bearer a.b.c");
    EXPECT_EQ(Do("POST", headers, "x").status, 200) << "the cookie is not the credential";
  }
  for (const char* own : {"Origin: http://server.test", "Origin: https://SERVER.test",
                          "Origin: https://a.org", "Sec-Fetch-Site: same-origin",
                          "Sec-Fetch-Site: none", "X-Nothing: 1"}) {
    EXPECT_EQ(Do("POST", {own, cookie}, "x").status, 200) << own;
  }
  EXPECT_EQ(Do("POST", {"Origin: https://a.org", "Sec-Fetch-Site: cross-site", cookie}, "x").status,
            200)
      << "on the list";
}

TEST_F(EndpointTest, LetsNoCookieInByTheStar) {
  auto any = auth::OriginList::Parse({"*"});
  const Access access{verifier_, *any, "access_token", false};
  net::http::Headers headers;
  headers.Add("Host", "server.test");
  EXPECT_TRUE(TrustsCookies(access, headers));
  headers.Add("Origin", "https://b.org");
  EXPECT_FALSE(TrustsCookies(access, headers));
  headers.Set("Origin", "https://server.test");
  EXPECT_TRUE(TrustsCookies(access, headers));
}

TEST_F(EndpointTest, TellsBrowsersToBeStrict) {
  const auto reply = Do("POST", {}, "x");
  EXPECT_EQ(reply.Header("Content-Security-Policy"), "default-src 'none'; frame-ancestors 'none'");
  EXPECT_EQ(reply.Header("Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_EQ(reply.Header("Strict-Transport-Security"), std::nullopt) << "not over TLS";
  Request secure;
  secure.secure = true;
  net::http::Headers headers;
  AddSecurityHeaders(secure, headers);
  EXPECT_EQ(headers.Find("Strict-Transport-Security"), "max-age=31536000");
}

TEST_F(EndpointTest, TellsListedOriginsThatTheyMayRead) {
  const auto listed = Do("POST", {"Origin: https://a.org"}, "x");
  EXPECT_EQ(listed.Header("Access-Control-Allow-Origin"), "https://a.org");
  EXPECT_EQ(listed.Header("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(listed.Header("Vary"), "Origin");
  const auto other = Do("POST", {"Origin: https://b.org"}, "x");
  EXPECT_EQ(other.Header("Access-Control-Allow-Origin"), std::nullopt);
  EXPECT_EQ(other.Header("Vary"), "Origin");
  const auto refusal = Do("POST", {"Origin: https://a.org", "X-Refuse: 1"}, "x");
  EXPECT_EQ(refusal.Header("Access-Control-Allow-Origin"), "https://a.org");
}

TEST_F(EndpointTest, AnswersPreflightRequests) {
  const auto listed = Do("OPTIONS", {"Origin: https://a.org"});
  EXPECT_EQ(listed.status, 204);
  EXPECT_EQ(listed.Header("Access-Control-Allow-Methods"), "POST");
  const auto other = Do("OPTIONS", {"Origin: https://b.org"});
  EXPECT_EQ(other.Header("Access-Control-Allow-Methods"), std::nullopt);
}

/// Answers with the name of who asks.
class WhoAmI final : public Endpoint {
 public:
  using Endpoint::Endpoint;

 protected:
  void Serve(const Exchange& exchange, const Request& request, std::string) override {
    WithCaller(access(), exchange, request, [exchange](auth::Identity caller) {
      exchange.Respond(Response::Text(200, "you are " + caller.user));
    });
  }
};

class CallerTest : public ::testing::Test {
 protected:
  CallerTest() {
    access_ = std::make_unique<Access>(Access{verifier_, {}, "access_token", false});
    route_ = std::make_unique<WhoAmI>(*access_, "GET", 0);
    shards_.Listen("/api/me", route_.get());
  }
  ~CallerTest() override { shards_.Stop(); }

  /// Asks as alice, ends the look-up of the key and gives the answer.
  std::string Answer(bool with_key) {
    testing::HttpClient client(shards_.port());
    client.Start("GET", "/api/me", {"Authorization: Bearer " + keys_->Token("alice")});
    EXPECT_TRUE(test::Until([this] { return keys_->waiting() == 1; }));
    keys_->End(with_key);
    return client.Finish().body;
  }

  std::shared_ptr<test::LateKeys> keys_ = std::make_shared<test::LateKeys>();
  auth::TokenVerifier verifier_{keys_, Clock::System()};
  std::unique_ptr<Access> access_;
  std::unique_ptr<WhoAmI> route_;
  testing::TestShards shards_{1};
};

TEST_F(CallerTest, IsKnownWhenTheKeyOfItsTokenHasCome) { EXPECT_EQ(Answer(true), "you are alice"); }

TEST_F(CallerTest, IsAnonymousWhenTheKeyDoesNotCome) { EXPECT_EQ(Answer(false), "you are "); }

TEST_F(CallerTest, MayLeaveBeforeTheKeyComes) {
  {
    testing::HttpClient client(shards_.port());
    client.Start("GET", "/api/me", {"Authorization: Bearer " + keys_->Token("alice")});
    EXPECT_TRUE(test::Until([this] { return keys_->waiting() == 1; }));
  }
  keys_->End(true);
  shards_.WaitUntil(0, [this] { return shards_.shard(0).counters().connections_open == 0; });
  testing::HttpClient client(shards_.port());
  EXPECT_EQ(client.Do("GET", "/api/me", {"Authorization: Bearer " + keys_->Token("bob")}).body,
            "you are bob");
}

TEST(NotificationsResponseTest, SaysWhatBecameOfEachEnvelope) {
  notify::IntakeAnswer answer;
  answer.array = true;
  answer.results.resize(3);
  answer.results[0].offset = "e.1-0";
  answer.results[1].error = Error{"bad_json", "a \"b\""};
  answer.results[2].offset = "e.1-1";
  answer.results[2].duplicate = true;
  const Response response = NotificationsResponse(answer);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.content(),
            R"({"results":[{"offset":"e.1-0"},{"error":{"code":"bad_json","message":"a \"b\""}},)"
            R"({"offset":"e.1-1","duplicate":true}]})");
}

TEST(NotificationsResponseTest, AnswersForTheWholeBodyWhenNothingWasTaken) {
  notify::IntakeAnswer single;
  single.results.resize(1);
  single.results[0].error = Error{"bad_id", "no id"};
  EXPECT_EQ(NotificationsResponse(single).status, 400);
  const std::pair<const char*, int> cases[] = {{"bad_json", 400},
                                               {"not_an_envelope", 400},
                                               {"too_many", 413},
                                               {"queue_full", 503},
                                               {"unavailable", 503}};
  for (const auto& [code, status] : cases) {
    const Response response = NotificationsResponse(Err(code, "why"));
    EXPECT_EQ(response.status, status) << code;
    EXPECT_EQ(response.headers.Find("Retry-After").has_value(), status == 503) << code;
  }
}

TEST(ReadinessTest, SaysWhatIsDegraded) {
  Readiness readiness;
  readiness.ready = true;
  EXPECT_EQ(ReadinessResponse(readiness).status, 200);
  readiness.ready = false;
  readiness.degraded = {"broker: \"x\"", "y"};
  const Response response = ReadinessResponse(readiness);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.content(), R"({"ready":false,"degraded":["broker: \"x\"","y"]})");
}

TEST(MetricsTest, AddsUpWhatTheShardsCounted) {
  Measurements sum;
  net::ShardCounters net;
  net.bytes_in = 5;
  engineio::Counters engine;
  engine.polling_sessions = 2;
  socketio::Counters sockets;
  sockets.deliveries = 7;
  AddUp(sum, net, engine, sockets);
  AddUp(sum, net, engine, sockets);
  sum.bad_rows = 3;
  const std::string text = MetricsText(sum);
  for (const char* line :
       {"\ntrackwire_bytes_in_total 10\n", "\ntrackwire_connections{transport=\"polling\"} 4\n",
        "\ntrackwire_notifications_delivered_total 14\n", "trackwire_shards 2\n",
        "\ntrackwire_bad_input_total{layer=\"recording\"} 3\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace trackwire::api
