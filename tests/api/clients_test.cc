#include "api/clients.h"

#include <gmock/gmock.h>

#include "tests/api/fake_reader.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::api {
namespace {

using tracking::Client;
using tracking::Id;
using tracking::Tracker;

/// One that nobody comes to.
class UnusedAdmin final : public ingest::TrackerAdmin {
 public:
  void CreateTracker(Tracker, Done<Tracker>) override { FAIL(); }
  void EditTracker(Id, tracking::TrackerEdit, Done<Tracker>) override { FAIL(); }
  void RemoveTracker(Id, Done<void>) override { FAIL(); }
  void CreateClient(Client, Done<Client>) override { FAIL(); }
  void EditClient(Client, Done<Client>) override { FAIL(); }
  void RemoveClient(Id, Done<void>) override { FAIL(); }
  void IssueToken(Id, Done<std::string>) override { FAIL(); }
  void RevokeTokens(Id, Done<size_t>) override { FAIL(); }
};

class ClientsEndpointTest : public ::testing::Test {
 protected:
  ClientsEndpointTest() { shards_.Listen("/", &clients_); }
  testing::Reply Do(const std::string& method, const std::string& role = "",
                    const std::string& body = "") {
    std::vector<std::string> headers;
    if (!role.empty()) headers.push_back(callers_.Bearer(role));
    if (!body.empty()) headers.emplace_back("Content-Type: application/json");
    return testing::HttpClient(shards_.port()).Do(method, "/api/clients", headers, body);
  }

  testing::Callers callers_;
  Access access_{callers_.verifier, {}, "access_token", false};
  testing::FakeReader reader_;
  UnusedAdmin admin_;
  ClientsEndpoint clients_{access_, reader_, admin_};
  testing::TestShards shards_{1};
};

TEST_F(ClientsEndpointTest, ListsThemForWhoeverAsks) {
  const auto reply = Do("GET");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"clients":[]})");
  EXPECT_EQ(reply.Header("Vary"), "Authorization, Cookie") << "others see others";
  EXPECT_EQ(reply.Header("Cache-Control"), "private, no-store");
}

TEST_F(ClientsEndpointTest, SaysHowToComeInWhereNobodyIsAnonymous) {
  access_.require_auth = true;
  const auto reply = Do("GET");
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(reply.Header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(Do("GET", "user").status, 200);
}

TEST_F(ClientsEndpointTest, OnlyAdministratorsMakeThem) {
  EXPECT_EQ(Do("POST", "", R"({"id":"acme"})").status, 401);
  EXPECT_EQ(Do("POST", "user", R"({"id":"acme"})").status, 403);
  EXPECT_EQ(Do("POST", "admin", R"({"id":""})").status, 400);
}

TEST_F(ClientsEndpointTest, SaysWhenItCannot) {
  reader_.FailWith("unavailable");
  const auto reply = Do("GET");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.Header("Retry-After"), "1");
}

}  // namespace
}  // namespace trackwire::api
