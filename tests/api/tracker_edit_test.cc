#include "api/tracker_edit.h"

#include <gmock/gmock.h>

#include <mutex>

#include "api/resources.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using tracking::Id;

TEST(TrackerEditTest, FindsTheIdsThatAPathMayMean) {
  EXPECT_THAT(IdsOfSegment("7"), ElementsAre(Id(int64_t{7}), Id(std::string("7"))));
  EXPECT_THAT(IdsOfSegment("\"7\""), ElementsAre(Id(std::string("7"))));
  EXPECT_THAT(IdsOfSegment("bus-7"), ElementsAre(Id(std::string("bus-7"))));
  EXPECT_THAT(IdsOfSegment("a/b \"c\""), ElementsAre(Id(std::string("a/b \"c\""))));
  EXPECT_THAT(IdsOfSegment("1.5"), ElementsAre(Id(std::string("1.5"))));
  EXPECT_THAT(IdsOfSegment("null"), ElementsAre(Id(std::string("null"))));
  EXPECT_THAT(IdsOfSegment(""), IsEmpty());
  EXPECT_THAT(IdsOfSegment("\xff"), IsEmpty());
  EXPECT_THAT(IdsOfSegment(std::string(200, 'x')), IsEmpty());
}

/// Knows the tracker "7" alone, and answers as it is told to.
class FakeAdmin final : public ingest::TrackerAdmin {
 public:
  void CreateTracker(tracking::Tracker tracker, Done<tracking::Tracker> done) override {
    Answer<tracking::Tracker>("create " + tracker.id.ToJson(), tracker, done);
  }
  void EditTracker(Id id, tracking::TrackerEdit edit, Done<tracking::Tracker> done) override {
    tracking::Tracker tracker;
    tracker.id = id;
    tracking::Apply(edit, tracker);
    OfSeven<tracking::Tracker>("edit", id, tracker, done);
  }
  void RemoveTracker(Id id, Done<void> done) override {
    OfSeven<bool>("remove", id, true, [done](const Result<bool>& result) {
      if (result) return done(Ok());
      done(Err(result.error()));
    });
  }
  void CreateClient(tracking::Client, Done<tracking::Client>) override { FAIL(); }
  void EditClient(tracking::Client, Done<tracking::Client>) override { FAIL(); }
  void RemoveClient(Id, Done<void>) override { FAIL(); }
  void IssueToken(Id id, Done<std::string> done) override {
    OfSeven<std::string>("issue", id, "twi_secret", done);
  }
  void RevokeTokens(Id id, Done<size_t> done) override { OfSeven<size_t>("revoke", id, 2, done); }

  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  std::string fail_with;

 private:
  template <typename T>
  void Answer(const std::string& what, T value, const Done<T>& done) {
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(what);
    }
    if (!fail_with.empty()) return done(Err(fail_with, "told to"));
    done(std::move(value));
  }
  template <typename T>
  void OfSeven(const std::string& what, const Id& id, T value, const Done<T>& done) {
    if (id == Id(std::string("7"))) return Answer<T>(what + " " + id.ToJson(), value, done);
    {
      const std::lock_guard lock(mutex_);
      asked_.push_back(what + " " + id.ToJson());
    }
    done(Err("unknown_tracker", "no"));
  }

  std::mutex mutex_;  // guards what the shard writes and the test reads
  std::vector<std::string> asked_;
};

class TrackerEditEndpointTest : public ::testing::Test {
 protected:
  TrackerEditEndpointTest() {
    routes_.AddCollection(create_);
    routes_.AddThing(edit_);
    routes_.AddThing(remove_);
    routes_.AddPart("tokens", tokens_);
    shards_.Listen("/api/", &routes_);
  }
  std::string Token(const std::string& role) {
    auth::TokenRequest request;
    request.subject = "somebody";
    request.roles = {role};
    request.issued_at = Clock::System().WallNow();
    request.expires_at = request.issued_at + std::chrono::hours(1);
    return auth::MakeToken(request, *key_);
  }
  testing::Reply Do(const std::string& method, const std::string& id, const std::string& body,
                    const std::string& role = "admin",
                    const std::string& type = "application/json") {
    std::vector<std::string> headers;
    if (!body.empty()) headers.push_back("Content-Type: " + type);
    if (!role.empty()) headers.push_back("Authorization: Bearer " + Token(role));
    const std::string path = "/api/trackers" + (id.empty() ? id : "/" + id);
    return testing::HttpClient(shards_.port()).Do(method, path, headers, body);
  }
  testing::Reply Patch(const std::string& id, const std::string& body,
                       const std::string& role = "admin",
                       const std::string& type = "application/json") {
    return Do("PATCH", id, body, role, type);
  }

  std::shared_ptr<const auth::SecretKey> key_ = std::make_shared<auth::SecretKey>(
      "a secret for the tests of one route", std::vector<auth::Algorithm>{auth::Algorithm::kHs256});
  auth::TokenVerifier verifier_{std::make_shared<auth::SecretKeySet>(key_), Clock::System()};
  const Access access_{verifier_, {}, "access_token", false};
  FakeAdmin admin_;
  TrackerCreateEndpoint create_{access_, admin_};
  TrackerEditEndpoint edit_{access_, admin_};
  TrackerRemoveEndpoint remove_{access_, admin_};
  TrackerTokensEndpoint tokens_{access_, admin_};
  Resources routes_{access_, "/api/trackers"};
  testing::TestShards shards_{1};
};

TEST_F(TrackerEditEndpointTest, ChangesWhatAnAdministratorAsksFor) {
  const auto reply = Patch("7", R"({"name":"Seven","public":true})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body,
              HasSubstr(R"("name":"Seven","category":"","client_id":null,"public":true)"));
  EXPECT_THAT(admin_.asked(), ElementsAre("edit 7", "edit \"7\"")) << "the number first";
  EXPECT_EQ(Patch("%227%22", R"({"name":"Seven"})").status, 200);
}

TEST_F(TrackerEditEndpointTest, AsksWhoItIsBeforeAnythingElse) {
  EXPECT_EQ(Patch("7", "nonsense", "").status, 401);
  EXPECT_EQ(Patch("7", "nonsense", "user").status, 403);
  EXPECT_EQ(Patch("never", "nonsense", "user").status, 403);
  EXPECT_THAT(admin_.asked(), IsEmpty());
}

TEST_F(TrackerEditEndpointTest, SaysWhatIsWrong) {
  EXPECT_EQ(Patch("7", "nonsense").status, 400);
  EXPECT_EQ(Patch("7", "nonsense", "admin", "text/plain").status, 400) << "a Bearer's body is read";
  const auto unknown = Patch("8", R"({"name":"x"})");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("\"code\":\"unknown_tracker\""));
  admin_.fail_with = "unknown_client";
  EXPECT_THAT(Patch("7", R"({"client_id":"x"})").body, HasSubstr("\"code\":\"unknown_client\""));
  admin_.fail_with = "unavailable";
  const auto busy = Patch("7", R"({"client_id":"x"})");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.Header("Retry-After"), "1");
}

TEST_F(TrackerEditEndpointTest, MakesTrackers) {
  const auto made = Do("POST", "", R"({"id":"bus-1","name":"Bus","provider":"push"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_THAT(made.body, HasSubstr(R"("id":"bus-1","name":"Bus")"));
  EXPECT_EQ(Do("POST", "", R"({"name":"Bus"})").status, 400);
  admin_.fail_with = "exists";
  EXPECT_EQ(Do("POST", "", R"({"id":"bus-1"})").status, 409);
  admin_.fail_with = "invalid";
  EXPECT_THAT(Do("POST", "", R"({"id":"bus-1"})").body, HasSubstr("\"code\":\"invalid_request\""));
  EXPECT_EQ(Do("POST", "", R"({"id":"bus-1"})", "user").status, 403);
}

TEST_F(TrackerEditEndpointTest, RemovesTrackers) {
  EXPECT_EQ(Do("DELETE", "7", "").status, 204);
  EXPECT_EQ(Do("DELETE", "8", "").status, 404);
  EXPECT_EQ(Do("DELETE", "7", "", "user").status, 403);
  EXPECT_EQ(Do("DELETE", "7", "", "").status, 401);
  EXPECT_THAT(admin_.asked(),
              ElementsAre("remove 7", "remove \"7\"", "remove 8", "remove \"8\""));
}

TEST_F(TrackerEditEndpointTest, IssuesAndRevokesTokens) {
  const auto issued = Do("POST", "7/tokens", "");
  EXPECT_EQ(issued.status, 201);
  EXPECT_EQ(issued.body, R"({"token":"twi_secret"})");
  EXPECT_EQ(issued.Header("Cache-Control"), "no-store");
  const auto revoked = Do("DELETE", "7/tokens", "");
  EXPECT_EQ(revoked.status, 200);
  EXPECT_EQ(revoked.body, R"({"revoked":2})");
  EXPECT_EQ(Do("POST", "8/tokens", "").status, 404);
  EXPECT_EQ(Do("POST", "7/tokens", "", "user").status, 403);
}

}  // namespace
}  // namespace trackwire::api
