#include "engineio/cors.h"

#include <gtest/gtest.h>

namespace trackwire::engineio {
namespace {

net::http::Request From(const std::string& origin, const std::string& host = "server.test:8080") {
  net::http::Request request;
  request.headers.Add("Host", host);
  if (!origin.empty()) request.headers.Add("Origin", origin);
  return request;
}

TEST(CorsTest, WithoutAListNothingIsSaidAndEverythingIsAllowed) {
  const OriginPolicy policy{Cors{}};
  net::http::Headers headers;
  policy.AddHeaders(From("https://a.test"), headers);
  EXPECT_TRUE(headers.all().empty());
  EXPECT_FALSE(policy.configured());
  EXPECT_TRUE(policy.AllowsWebSocket(From("https://a.test")));
}

TEST(CorsTest, MatchesExactOriginsAndOneWildcardLabel) {
  const OriginPolicy policy{Cors{{"https://a.test", "https://*.b.test:8443"}, false}};
  EXPECT_TRUE(policy.Lists("https://a.test"));
  EXPECT_TRUE(policy.Lists("HTTPS://A.TEST"));
  EXPECT_TRUE(policy.Lists("https://x.b.test:8443"));
  for (const char* origin :
       {"http://a.test", "https://a.test:1", "https://a.test.evil", "https://b.test:8443",
        "https://.b.test:8443", "https://x.y.b.test:8443", "https://x/y.b.test:8443",
        "https://x.b.test", "https://u@x.b.test:8443", "null", ""}) {
    EXPECT_FALSE(policy.Lists(origin)) << origin;
  }
}

TEST(CorsTest, AsksTheServersOwnRulesInsteadWhenThereAreAny) {
  Cors cors{{"http://a.test:*"}, true};
  cors.lists = [](std::string_view origin) {
    return origin == "http://a.test" || origin == "http://a.test:80";
  };
  const OriginPolicy policy{cors};
  for (const char* origin : {"http://a.test", "http://a.test:80"}) {
    EXPECT_TRUE(policy.Lists(origin)) << origin;
    EXPECT_TRUE(policy.AllowsWebSocket(From(origin))) << origin;
    net::http::Headers headers;
    policy.AddHeaders(From(origin), headers);
    EXPECT_EQ(headers.Find("Access-Control-Allow-Origin"), origin);
  }
  EXPECT_FALSE(policy.Lists("http://a.test:81"));
  EXPECT_FALSE(policy.AllowsWebSocket(From("http://a.test:81")));
}

TEST(CorsTest, ReflectsWhatTheListNamesAndVaries) {
  const OriginPolicy policy{Cors{{"https://a.test"}, true}};
  net::http::Headers listed;
  policy.AddHeaders(From("https://a.test"), listed);
  EXPECT_EQ(listed.Find("Access-Control-Allow-Origin"), "https://a.test");
  EXPECT_EQ(listed.Find("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(listed.Find("Vary"), "Origin");

  net::http::Headers other;
  policy.AddHeaders(From("https://evil.test"), other);
  EXPECT_FALSE(other.Find("Access-Control-Allow-Origin"));
  EXPECT_EQ(other.Find("Access-Control-Allow-Credentials"), "true");
}

TEST(CorsTest, TheStarNeverGoesWithCredentials) {
  const OriginPolicy policy{Cors{{"*"}, true}};
  net::http::Headers headers;
  policy.AddHeaders(From("https://a.test"), headers);
  EXPECT_EQ(headers.Find("Access-Control-Allow-Origin"), "*");
  EXPECT_FALSE(headers.Find("Access-Control-Allow-Credentials"));
}

TEST(CorsTest, GuardsTheWebSocketWithTheSameList) {
  const OriginPolicy policy{Cors{{"https://a.test"}, false}};
  EXPECT_TRUE(policy.AllowsWebSocket(From("https://a.test")));
  EXPECT_TRUE(policy.AllowsWebSocket(From("")));
  EXPECT_TRUE(policy.AllowsWebSocket(From("http://server.test:8080")));
  EXPECT_FALSE(policy.AllowsWebSocket(From("http://server.test")));
  EXPECT_FALSE(policy.AllowsWebSocket(From("https://evil.test")));
  EXPECT_FALSE(policy.AllowsWebSocket(From("null", "")));
}

TEST(CorsTest, AnswersPreflight) {
  const OriginPolicy policy{Cors{{"https://a.test"}, false}};
  net::http::Request request = From("https://a.test");
  request.headers.Add("Access-Control-Request-Headers", "x-one, x-two");
  const auto response = policy.Preflight(request);
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.Find("Access-Control-Allow-Methods"),
            "GET,HEAD,PUT,PATCH,POST,DELETE");
  EXPECT_EQ(response.headers.Find("Access-Control-Allow-Headers"), "x-one, x-two");
  EXPECT_FALSE(response.headers.Find("Access-Control-Max-Age"));
}

TEST(CorsTest, SaysWhatItIsTold) {
  Cors cors{{"https://a.test"}, false};
  cors.methods = {"GET", "POST"};
  cors.allowed_headers = {"x-mine"};
  cors.exposed_headers = {"x-one", "x-two"};
  cors.max_age = std::chrono::minutes(10);
  cors.preflight_status = 200;
  const OriginPolicy policy{cors};
  net::http::Request request = From("https://a.test");
  request.headers.Add("Access-Control-Request-Headers", "x-other");

  const auto response = policy.Preflight(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Find("Access-Control-Allow-Methods"), "GET,POST");
  EXPECT_EQ(response.headers.Find("Access-Control-Allow-Headers"), "x-mine");
  EXPECT_EQ(response.headers.Find("Access-Control-Max-Age"), "600");
  net::http::Headers headers;
  policy.AddHeaders(request, headers);
  EXPECT_EQ(headers.Find("Access-Control-Expose-Headers"), "x-one,x-two");
}

}  // namespace
}  // namespace trackwire::engineio
