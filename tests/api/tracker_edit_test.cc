#include "api/tracker_edit.h"

#include <gmock/gmock.h>

#include <mutex>

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

TEST(TrackerEditTest, ReadsWhatIsToChangeAndNothingElse) {
  const auto edit = ReadTrackerEdit(R"({"name":"N\u00e9","public":false,"client_id":7})");
  ASSERT_TRUE(edit);
  EXPECT_EQ(edit->name, "N\xc3\xa9");
  EXPECT_EQ(edit->is_public, false);
  EXPECT_TRUE(edit->sets_client);
  EXPECT_EQ(edit->client_id, Id(int64_t{7}));
  const auto nobody = ReadTrackerEdit(R"({"client_id":null})");
  ASSERT_TRUE(nobody);
  EXPECT_TRUE(nobody->sets_client);
  EXPECT_EQ(nobody->client_id, std::nullopt);
  EXPECT_FALSE(nobody->name || nobody->is_public);
  for (const char* bad :
       {"", "[]", "null", "{}", "{\"name\":7}", "{\"name\":\"\"}", "{\"name\":null}",
        "{\"public\":1}", "{\"public\":\"true\"}", "{\"client_id\":1.5}", "{\"client_id\":\"\"}",
        "{\"client_id\":true}", "{\"name\":\"a\",\"provider\":\"b\"}", "{\"name\":\"a\"",
        "{\"external_id\":\"x\"}"}) {
    const auto read = ReadTrackerEdit(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, "invalid_request") << bad;
  }
  EXPECT_FALSE(ReadTrackerEdit("{\"name\":\"" + std::string(300, 'n') + "\"}"));
}

class TrackerEditEndpointTest : public ::testing::Test {
 protected:
  TrackerEditEndpointTest() {
    access_ = std::make_unique<Access>(Access{verifier_, {}, "access_token", false});
    endpoint_ = std::make_unique<TrackerEditEndpoint>(
        *access_, [this](const Id& id, const tracking::TrackerEdit& edit,
                         const TrackerEditEndpoint::Done& done) {
          {
            const std::lock_guard lock(mutex_);
            asked_.push_back(id.ToJson());
          }
          if (id != tracking_id_) return done(Err("unknown_tracker", "no"));
          if (fail_with_ != "") return done(Err(fail_with_, "told to"));
          tracking::Tracker tracker;
          tracker.id = id;
          tracking::Apply(edit, tracker);
          done(tracker);
        });
    shards_.Listen(TrackerEditEndpoint::kPath, endpoint_.get());
  }
  std::string Token(const std::string& role) {
    auth::TokenRequest request;
    request.subject = "somebody";
    request.roles = {role};
    request.issued_at = Clock::System().WallNow();
    request.expires_at = request.issued_at + std::chrono::hours(1);
    return auth::MakeToken(request, *key_);
  }
  testing::Reply Patch(const std::string& id, const std::string& body,
                       const std::string& role = "admin",
                       const std::string& type = "application/json") {
    std::vector<std::string> headers = {"Content-Type: " + type};
    if (!role.empty()) headers.push_back("Authorization: Bearer " + Token(role));
    return testing::HttpClient(shards_.port()).Do("PATCH", "/api/trackers/" + id, headers, body);
  }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

  std::shared_ptr<const auth::SecretKey> key_ = std::make_shared<auth::SecretKey>(
      "a secret for the tests of one route", std::vector<auth::Algorithm>{auth::Algorithm::kHs256});
  auth::TokenVerifier verifier_{std::make_shared<auth::SecretKeySet>(key_), Clock::System()};
  std::unique_ptr<Access> access_;
  std::unique_ptr<TrackerEditEndpoint> endpoint_;
  Id tracking_id_{std::string("7")};
  std::string fail_with_;
  std::mutex mutex_;  // guards what the shard writes and the test reads
  std::vector<std::string> asked_;
  testing::TestShards shards_{1};
};

TEST_F(TrackerEditEndpointTest, ChangesWhatAnAdministratorAsksFor) {
  const auto reply = Patch("7", R"({"name":"Seven","public":true})");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, R"({"id":"7","name":"Seven","client_id":null,"public":true})");
  EXPECT_THAT(asked(), ElementsAre("7", "\"7\"")) << "the number first";
  EXPECT_EQ(Patch("%227%22", R"({"name":"Seven"})").status, 200);
}

TEST_F(TrackerEditEndpointTest, AsksWhoItIsBeforeAnythingElse) {
  EXPECT_EQ(Patch("7", "nonsense", "").status, 401);
  EXPECT_EQ(Patch("7", "nonsense", "user").status, 403);
  EXPECT_EQ(Patch("never", "nonsense", "user").status, 403);
  EXPECT_THAT(asked(), IsEmpty());
}

TEST_F(TrackerEditEndpointTest, SaysWhatIsWrong) {
  EXPECT_EQ(Patch("7", R"({"name":"x"})", "admin", "text/plain").status, 415);
  EXPECT_EQ(Patch("7", "nonsense").status, 400);
  const auto unknown = Patch("8", R"({"name":"x"})");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(unknown.body, HasSubstr("\"code\":\"unknown_tracker\""));
  EXPECT_EQ(Patch("", R"({"name":"x"})").status, 404);
  fail_with_ = "unknown_client";
  EXPECT_THAT(Patch("7", R"({"client_id":"x"})").body, HasSubstr("\"code\":\"unknown_client\""));
  fail_with_ = "unavailable";
  const auto busy = Patch("7", R"({"client_id":"x"})");
  EXPECT_EQ(busy.status, 503);
  EXPECT_EQ(busy.Header("Retry-After"), "1");
}

}  // namespace
}  // namespace trackwire::api
