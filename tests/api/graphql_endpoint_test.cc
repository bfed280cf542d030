#include "api/graphql_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "auth/claims.h"
#include "base/text.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"
#include "tests/support/await.h"

namespace trackwire::api {
namespace {

using ::testing::HasSubstr;
using std::chrono::milliseconds;

/// Sessions `a`, `b`, `c`; answers on a thread of its own, or not at all.
class FakeSessions final : public notify::SessionAdmin {
 public:
  FakeSessions() { loop_.Start(); }
  ~FakeSessions() override { loop_.Stop(); }

  void List(std::string after, size_t max,
            std::function<void(Result<notify::SessionList>)> done) override {
    if (silent) return;
    loop_.Post([after = std::move(after), max, done = std::move(done)] {
      if (after == "down") return done(Err("unavailable", "the broker cannot be reached"));
      notify::SessionList list;
      for (const char* sid : {"a", "b", "c"}) {
        if (sid <= after) continue;
        if (list.sessions.size() == max) {
          list.next = list.sessions.back().sid;
          break;
        }
        notify::SessionInfo info;
        info.sid = sid;
        info.identity.user = std::string(sid) == "a" ? "" : "bob";
        info.identity.roles = {"user"};
        info.identity.clients = {"\"acme\"", "7"};
        info.address = "192.0.2.1";
        info.transport = "websocket";
        info.gateway = "g1";
        info.connected_at = WallTime(milliseconds(1'700'000'000'250));
        list.sessions.push_back(std::move(info));
      }
      done(std::move(list));
    });
  }
  void End(std::string sid, bool revoke, auth::Actor by,
           std::function<void(Result<void>)> done) override {
    loop_.Post([this, sid, revoke, by, done = std::move(done)] {
      if (sid != "a") return done(Err("not_found", "there is no such session"));
      ended.push_back(sid + (revoke ? " revoked by " : " by ") + by.user + " at " + by.address);
      done(Ok());
    });
  }

  std::atomic<bool> silent{false};
  std::vector<std::string> ended;  ///< read when the answer has come

 private:
  net::Loop loop_{"sessions"};
};

class GraphqlEndpointTest : public ::testing::Test {
 protected:
  GraphqlEndpointTest() {
    graphql::Limits limits;
    limits.parse.max_bytes = 2'000;
    auto engine = MakeGraphqlEngine(services_, limits);
    EXPECT_TRUE(engine) << (engine ? "" : engine.error().detail);
    engine_ = std::move(*engine);
    auto origins = auth::OriginList::Parse({"https://a.org"});
    access_ = std::make_unique<Access>(Access{verifier_, *origins, "access_token", false});
    route_ = std::make_unique<GraphqlEndpoint>(
        *access_, *engine_, GraphqlEndpoint::Options{1, milliseconds(100)});
    shards_.Listen("/graphql", route_.get());
  }
  ~GraphqlEndpointTest() override { shards_.Stop(); }

  std::string Token(const std::string& user, std::vector<std::string> roles) const {
    auth::TokenRequest request;
    request.subject = user;
    request.roles = std::move(roles);
    request.clients = {"\"acme\"", "7"};
    request.expires_at = WallTime(milliseconds(4'000'000'000'000));
    return auth::MakeToken(request, *key_);
  }
  testing::Reply Post(const std::string& body, std::vector<std::string> headers = {}) {
    headers.insert(headers.begin(), "Content-Type: application/json");
    return testing::HttpClient(shards_.port()).Do("POST", "/graphql", headers, body);
  }
  testing::Reply Ask(const std::string& query, std::vector<std::string> headers = {}) {
    std::string body = R"({"query":)";
    base::AppendJsonString(body, query);
    return Post(body + "}", std::move(headers));
  }
  testing::Reply AskAsAdmin(const std::string& query) {
    return Ask(query, {"Authorization: Bearer " + Token("root", {"admin"})});
  }
  testing::Reply Get(const std::string& target, std::vector<std::string> headers = {}) {
    return testing::HttpClient(shards_.port()).Do("GET", target, headers);
  }

  FakeSessions sessions_;
  std::shared_ptr<const auth::SecretKey> key_ = std::make_shared<auth::SecretKey>(
      "a secret of this test", std::vector<auth::Algorithm>{auth::Algorithm::kHs256});
  auth::TokenVerifier verifier_{std::make_shared<auth::SecretKeySet>(key_), Clock::System()};
  GraphqlServices services_{sessions_};
  std::unique_ptr<graphql::Engine> engine_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<GraphqlEndpoint> route_;
  testing::TestShards shards_{1};
};

TEST_F(GraphqlEndpointTest, TellsWhoAsks) {
  const std::string query = "{ me { authenticated user roles permissions clients expiresAt } }";
  EXPECT_EQ(Ask(query).body,
            R"({"data":{"me":{"authenticated":false,"user":null,"roles":[],"permissions":[],)"
            R"("clients":[],"expiresAt":null}}})");
  EXPECT_EQ(Ask(query, {"Authorization: Bearer " + Token("alice", {"user"})}).body,
            R"({"data":{"me":{"authenticated":true,"user":"alice","roles":["user"],)"
            R"("permissions":[],"clients":["acme","7"],"expiresAt":"2096-10-02T07:06:40.000Z"}}})");
}

TEST_F(GraphqlEndpointTest, ListsSessionsToAdministrators) {
  const std::string query = "{ sessions(first: 2) { nodes { id } } }";
  EXPECT_THAT(Ask(query).body, HasSubstr(R"("code":"unauthorized")"));
  EXPECT_THAT(Ask(query, {"Authorization: Bearer " + Token("eve", {"user"})}).body,
              HasSubstr(R"("code":"forbidden")"));
  EXPECT_EQ(AskAsAdmin("{ sessions(first: 2) { edges { cursor node { id user roles clients address "
                       "transport gateway connectedAt away } } "
                       "pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }")
                .body,
            R"({"data":{"sessions":{"edges":[{"cursor":"YQ","node":{"id":"a","user":null,)"
            R"("roles":["user"],"clients":["acme","7"],"address":"192.0.2.1",)"
            R"("transport":"websocket","gateway":"g1","connectedAt":"2023-11-14T22:13:20.250Z",)"
            R"("away":false}},{"cursor":"Yg","node":{"id":"b","user":"bob","roles":["user"],)"
            R"("clients":["acme","7"],"address":"192.0.2.1","transport":"websocket",)"
            R"("gateway":"g1","connectedAt":"2023-11-14T22:13:20.250Z","away":false}}],)"
            R"("pageInfo":{"hasNextPage":true,"hasPreviousPage":false,"startCursor":"YQ",)"
            R"("endCursor":"Yg"}}}})");
  EXPECT_EQ(AskAsAdmin("{ sessions(first: 2, after: \"Yg\") { nodes { id } pageInfo { hasNextPage "
                       "hasPreviousPage } } }")
                .body,
            R"({"data":{"sessions":{"nodes":[{"id":"c"}],)"
            R"("pageInfo":{"hasNextPage":false,"hasPreviousPage":true}}}})");
}

TEST_F(GraphqlEndpointTest, SaysWhyThereIsNoList) {
  const std::pair<const char*, const char*> cases[] = {
      {"first: 0", "bad_argument"},
      {"first: 201", "bad_argument"},
      {"after: \"***\"", "bad_argument"},
      {"after: \"ZG93bg\"", "unavailable"},
  };
  for (const auto& [arguments, code] : cases) {
    const auto reply = AskAsAdmin("{ sessions(" + std::string(arguments) + ") { nodes { id } } }");
    EXPECT_THAT(reply.body, HasSubstr("\"code\":\"" + std::string(code) + '"')) << arguments;
    EXPECT_THAT(reply.body, HasSubstr(R"("data":{"sessions":null})")) << arguments;
  }
}

TEST_F(GraphqlEndpointTest, EndsSessionsForAdministrators) {
  const std::string query = "mutation { endSession(sid: \"a\", revoke: true) { sid revoked } }";
  EXPECT_THAT(Ask(query, {"Authorization: Bearer " + Token("eve", {"user"})}).body,
              HasSubstr(R"("code":"forbidden")"));
  EXPECT_EQ(AskAsAdmin(query).body,
            R"({"data":{"endSession":{"sid":"a","revoked":true}}})");
  EXPECT_THAT(sessions_.ended, ::testing::ElementsAre("a revoked by root at 127.0.0.1"));
  EXPECT_THAT(AskAsAdmin("mutation { endSession(sid: \"x\") { sid } }").body,
              HasSubstr(R"("code":"not_found")"));
}

TEST_F(GraphqlEndpointTest, AnswersAtTheDeadline) {
  sessions_.silent = true;
  EXPECT_THAT(AskAsAdmin("{ me { user } sessions { nodes { id } } }").body,
              HasSubstr(R"("code":"deadline_exceeded")"));
  EXPECT_EQ(route_->counters().timed_out, 1u);
}

TEST_F(GraphqlEndpointTest, OutlivesClientsThatLeave) {
  sessions_.silent = true;
  {
    testing::HttpClient client(shards_.port());
    client.Start("POST", "/graphql",
                 {"Content-Type: application/json",
                  "Authorization: Bearer " + Token("root", {"admin"})},
                 R"({"query":"{ sessions { nodes { id } } }"})");
  }
  EXPECT_TRUE(test::Until([this] { return route_->counters().timed_out == 1; }));
  EXPECT_EQ(Ask("{ __typename }").status, 200);
}

TEST_F(GraphqlEndpointTest, SpeaksTheTypeThatTheClientLikes) {
  const std::pair<const char*, const char*> cases[] = {
      {"*/*", "application/json; charset=utf-8"},
      {"application/json", "application/json; charset=utf-8"},
      {"application/graphql-response+json", "application/graphql-response+json; charset=utf-8"},
      {"application/graphql-response+json, application/json;q=0.9",
       "application/graphql-response+json; charset=utf-8"},
      {"application/graphql-response+json;q=0.5, application/json",
       "application/json; charset=utf-8"},
      {"application/json, application/graphql-response+json",
       "application/graphql-response+json; charset=utf-8"},
      {"application/json; charset=latin1, */*;q=0.1", "application/json; charset=utf-8"},
      {"text/html, application/*;q=0.8", "application/json; charset=utf-8"},
  };
  for (const auto& [accept, type] : cases) {
    const auto reply = Ask("{ __typename }", {"Accept: " + std::string(accept)});
    EXPECT_EQ(reply.status, 200) << accept;
    EXPECT_EQ(reply.Header("Content-Type"), type) << accept;
  }
  for (const char* accept : {"text/html", "application/json;q=0", "application/json;charset=x"}) {
    EXPECT_EQ(Ask("{ __typename }", {"Accept: " + std::string(accept)}).status, 406) << accept;
  }
}

TEST_F(GraphqlEndpointTest, SaysByTheStatusWhatWasExecuted) {
  const std::string strict = "Accept: application/graphql-response+json";
  EXPECT_EQ(Ask("{ nothing }", {strict}).status, 400);
  EXPECT_EQ(Ask("{ nothing }").status, 200);
  EXPECT_EQ(Ask("{ sessions { nodes { id } } }", {strict}).status, 200);
  for (const char* body : {"", "{", "[]", "5", "{}", R"({"query":5})",
                           R"({"query":"{ __typename }","variables":[]})",
                           R"({"query":"{ __typename }","operationName":1})",
                           R"({"query":"{ __typename }","extensions":"x"})"}) {
    EXPECT_EQ(Post(body).status, 400) << body;
    EXPECT_THAT(Post(body).body, HasSubstr(R"("code":"bad_request")")) << body;
  }
  const std::string deep(1'000, '[');
  EXPECT_EQ(Post(R"({"query":"{a}","variables":)" + deep).status, 400);
  EXPECT_EQ(Post(std::string(2'001, ' ')).status, 413);
}

TEST_F(GraphqlEndpointTest, ServesQueriesByGet) {
  const auto reply = Get("/graphql?query=query%20A%7B__typename%7D%20query%20B%7Bme%7Buser%7D%7D"
                         "&operationName=A&variables=%7B%7D&extensions=");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"data":{"__typename":"Query"}})");
  EXPECT_EQ(Get("/graphql").status, 400);
  EXPECT_EQ(Get("/graphql?query=%7B__typename%7D&variables=x").status, 400);
  EXPECT_EQ(Get("/graphql?query=%7B__typename%7D&variables=5").status, 400);
  const auto mutation = Get("/graphql?query=mutation%7B__typename%7D");
  EXPECT_EQ(mutation.status, 405);
  EXPECT_EQ(mutation.Header("Allow"), "POST");
  EXPECT_THAT(mutation.body, HasSubstr("mutation_not_allowed"));
  const auto put = testing::HttpClient(shards_.port()).Do("PUT", "/graphql");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(put.Header("Allow"), "GET, POST, HEAD, OPTIONS");
}

TEST_F(GraphqlEndpointTest, RefusesWhatOtherSitesPagesCanSend) {
  const std::string body = R"({"query":"{ me { user } }"})";
  for (const char* type : {"text/plain", "application/x-www-form-urlencoded",
                           "multipart/form-data; boundary=x", "application/json; charset=latin1",
                           "application/graphql"}) {
    const auto reply = testing::HttpClient(shards_.port())
                           .Do("POST", "/graphql", {"Content-Type: " + std::string(type)}, body);
    EXPECT_EQ(reply.status, 415) << type;
    EXPECT_THAT(reply.body, HasSubstr(R"("errors":[{"message":)")) << type;
  }
  EXPECT_EQ(testing::HttpClient(shards_.port()).Do("POST", "/graphql", {}, body).status, 415);

  const std::string cookie = "Cookie: access_token=" + Token("alice", {"admin"});
  EXPECT_THAT(Post(body, {cookie}).body, HasSubstr("alice"));
  EXPECT_THAT(Post(body, {cookie, "Origin: http://server.test"}).body, HasSubstr("alice"));
  EXPECT_THAT(Post(body, {cookie, "Origin: https://a.org"}).body, HasSubstr("alice"));
  for (const std::string& from :
       {std::string("Origin: https://evil.org"), std::string("Sec-Fetch-Site: cross-site")}) {
    const auto post = Post(body, {cookie, from});
    EXPECT_EQ(post.status, 403) << from;
    EXPECT_THAT(post.body, HasSubstr(R"("extensions":{"code":"cross_site"})"));
    EXPECT_EQ(Get("/graphql?query=%7Bme%7Buser%7D%7D", {cookie, from}).status, 403) << from;
  }
}

TEST_F(GraphqlEndpointTest, CountsWhatBecameOfRequests) {
  Ask("{ __typename }");
  Ask("{ nothing }");
  Post("{");
  EXPECT_EQ(route_->counters().executed, 1u);
  EXPECT_EQ(route_->counters().refused, 2u);
}

TEST(GraphqlSchemaTest, LetsOnlyThoseInWhoHaveAToken) {
  // Fields that need a role are marked in the text, which is all that decides.
  FakeSessions sessions;
  GraphqlServices services{sessions};
  auto engine = MakeGraphqlEngine(services, {});
  ASSERT_TRUE(engine) << engine.error().detail;
  const auto& schema = (*engine)->schema();
  for (const auto& [type, field] : {std::pair("Query", "sessions"), {"Mutation", "endSession"}}) {
    const auto* found = schema.Find(type)->FindField(field);
    ASSERT_NE(found, nullptr) << field;
    EXPECT_NE(graphql::ast::Find(*found->directives, "requires"), nullptr) << field;
  }
}

}  // namespace
}  // namespace trackwire::api
