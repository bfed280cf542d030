#include "api/resources.h"

#include <gtest/gtest.h>

#include "api/path.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::api {
namespace {

using net::http::Exchange;
using net::http::Request;
using net::http::Response;

/// Says who it is, what is asked for and what came with it.
class Named final : public Endpoint {
 public:
  Named(const Access& access, std::string methods, std::string name, size_t max_body = 0)
      : Endpoint(access, std::move(methods), max_body), name_(std::move(name)) {}

 protected:
  void Serve(const Exchange& exchange, const Request& request, std::string body) override {
    exchange.Respond(
        Response::Text(200, name_ + " " + request.method + " " + request.path + " " + body));
  }

 private:
  const std::string name_;
};

class ResourcesTest : public ::testing::Test {
 protected:
  ResourcesTest() {
    things_.AddCollection(all_);
    things_.AddCollection(create_);
    things_.AddThing(one_);
    things_.AddThing(edit_);
    things_.AddPart("parts", parts_);
    shards_.Listen("/", &things_);
  }
  testing::Reply Do(const std::string& method, const std::string& path,
                    const std::optional<std::string>& body = std::nullopt) {
    return testing::HttpClient(shards_.port())
        .Do(method, path, {"Content-Type: application/json", "Origin: https://a.org"}, body);
  }

  auth::TokenVerifier verifier_{std::make_shared<auth::SecretKeySet>(nullptr), Clock::System()};
  Access access_{verifier_, *auth::OriginList::Parse({"https://a.org"}), "access_token", false};
  Named all_{access_, "GET", "all"};
  Named create_{access_, "POST", "create", 10};
  Named one_{access_, "GET", "one"};
  Named edit_{access_, "PATCH, DELETE", "edit", 10};
  Named parts_{access_, "GET", "parts"};
  Resources things_{access_, "/things"};
  testing::TestShards shards_{1};
};

TEST_F(ResourcesTest, ChoosesByPathAndMethod) {
  EXPECT_EQ(Do("GET", "/things").body, "all GET /things ");
  EXPECT_EQ(Do("POST", "/things", "{}").body, "create POST /things {}");
  EXPECT_EQ(Do("GET", "/things/7").body, "one GET /things/7 ");
  EXPECT_EQ(Do("PATCH", "/things/7", "{}").body, "edit PATCH /things/7 {}");
  EXPECT_EQ(Do("DELETE", "/things/7").body, "edit DELETE /things/7 ");
  EXPECT_EQ(Do("GET", "/things/7/parts").body, "parts GET /things/7/parts ");
  EXPECT_EQ(Do("GET", "/things/a/b/parts?x=/y").body, "parts GET /things/a/b/parts ");
  testing::HttpClient client(shards_.port());
  client.connection().Send("HEAD /things/7 HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(client.connection().ReadUntil("\r\n\r\n")->starts_with("HTTP/1.1 200"));
}

TEST_F(ResourcesTest, TakesNamesWithSlashesAndNamesLikeParts) {
  EXPECT_EQ(Do("GET", "/things/anna/phone").body, "one GET /things/anna/phone ");
  EXPECT_EQ(Do("GET", "/things/parts").body, "one GET /things/parts ");
  EXPECT_EQ(Do("GET", "/things/%22a/parts%22").body, "one GET /things/\"a/parts\" ");
}

TEST_F(ResourcesTest, SaysWhichMethodsAPathHas) {
  const auto reply = Do("PUT", "/things/7", "{}");
  EXPECT_EQ(reply.status, 405);
  EXPECT_EQ(reply.Header("Allow"), "GET, PATCH, DELETE, HEAD, OPTIONS");
  EXPECT_EQ(Do("POST", "/things/7/parts", "{}").Header("Allow"), "GET, HEAD, OPTIONS");
  const auto preflight = Do("OPTIONS", "/things/7");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.Header("Access-Control-Allow-Methods"), "GET, PATCH, DELETE, HEAD");
}

TEST_F(ResourcesTest, KnowsWhereNothingIs) {
  const auto reply = Do("GET", "/things/");
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.body, R"({"error":{"code":"not_found","message":"nothing lives at this path"}})");
}

TEST_F(ResourcesTest, LetsTheEndpointRefuseALongBody) {
  EXPECT_EQ(Do("PATCH", "/things/7", std::string(11, 'x')).status, 413);
}

}  // namespace
}  // namespace trackwire::api
