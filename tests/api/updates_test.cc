#include "api/updates.h"

#include <gmock/gmock.h>

#include <mutex>

#include "api/resources.h"
#include "tests/api/fake_reader.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::api {
namespace {

using ::testing::HasSubstr;
using ingest::UpdateState;
using ingest::UpdateStatus;
using testing::At;
using tracking::Id;

class FakeDesk final : public ingest::UpdateDesk {
 public:
  void Request(Id tracker, std::optional<std::string> socket_id, std::string requested_by,
               Done<UpdateState> done) override {
    const std::lock_guard lock(mutex_);
    if (away_) return done(Err("unavailable", "told to"));
    state_.request = {"r-1", std::move(tracker), std::move(socket_id), std::move(requested_by),
                      At("2026-01-01T00:00:00Z"), At("2026-01-01T00:00:30Z")};
    state_.since = state_.request.requested_at;
    done(state_);
  }
  void Find(std::string request_id, Done<std::optional<UpdateState>> done) override {
    const std::lock_guard lock(mutex_);
    if (away_) return done(Err("unavailable", "told to"));
    done(request_id == "r-1" ? std::optional(state_) : std::nullopt);
  }
  void Set(UpdateStatus status, std::string reason, bool away = false) {
    const std::lock_guard lock(mutex_);
    state_.status = status;
    state_.reason = std::move(reason);
    away_ = away;
  }
  UpdateState state() {
    const std::lock_guard lock(mutex_);
    return state_;
  }

 private:
  std::mutex mutex_;
  UpdateState state_;
  bool away_ = false;
};

/// Two collections on one server.
class Both final : public net::http::Handler {
 public:
  Both(Resources& a, Resources& b) : a_(a), b_(b) {}
  net::http::Body OnRequest(const net::http::Exchange& exchange,
                            const net::http::Request& request) override {
    return Of(request).OnRequest(exchange, request);
  }
  void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
              std::string body) override {
    Of(request).OnBody(exchange, request, std::move(body));
  }

 private:
  Resources& Of(const net::http::Request& request) {
    return request.path.starts_with(UpdateEndpoint::kPath) ? b_ : a_;
  }
  Resources& a_;
  Resources& b_;
};

class UpdatesTest : public ::testing::Test {
 protected:
  UpdatesTest() {
    TrackerView view;
    view.tracker.id = Id(std::string("bus-7"));
    reader_.Add(view);
    trackers_.AddPart(RequestUpdateEndpoint::kPart, request_);
    updates_.AddThing(read_);
    shards_.Listen("/", &both_);
  }
  testing::Reply Post(const std::string& tracker, const std::string& body = "{}",
                      const std::string& role = "admin") {
    std::vector<std::string> headers = {"Content-Type: application/json"};
    if (!role.empty()) headers.push_back(callers_.Bearer(role));
    return testing::HttpClient(shards_.port())
        .Do("POST", "/api/trackers/" + tracker + "/update", headers, body);
  }
  testing::Reply Get(const std::string& id, const std::string& role = "admin") {
    return testing::HttpClient(shards_.port())
        .Do("GET", UpdateEndpoint::kPath + id, {callers_.Bearer(role)});
  }

  testing::Callers callers_;
  Access access_{callers_.verifier, {}, "access_token", false};
  testing::FakeReader reader_;
  FakeDesk desk_;
  RequestUpdateEndpoint request_{access_, reader_, desk_};
  UpdateEndpoint read_{access_, desk_};
  Resources trackers_{access_, "/api/trackers"};
  Resources updates_{access_, "/api/updates"};
  Both both_{trackers_, updates_};
  testing::TestShards shards_{1};
};

TEST_F(UpdatesTest, LeavesARequestAndTellsHowItGoes) {
  const auto reply = Post("bus-7", R"({"socket_id":"abc"})");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body,
            R"({"request_id":"r-1","tracker_id":"bus-7","status":"queued",)"
            R"("requested_at":"2026-01-01T00:00:00.000Z","since":"2026-01-01T00:00:00.000Z",)"
            R"("deadline":"2026-01-01T00:00:30.000Z"})");
  EXPECT_EQ(desk_.state().request.socket_id, "abc");
  EXPECT_EQ(desk_.state().request.requested_by, "somebody");
  desk_.Set(UpdateStatus::kFailed, "no_fix");
  const auto found = Get("r-1");
  EXPECT_EQ(found.status, 200);
  EXPECT_THAT(found.body, HasSubstr(R"("status":"failed","reason":"no_fix")"));
  EXPECT_EQ(Get("r-2").status, 404);
  EXPECT_EQ(Get("").status, 404);
}

TEST_F(UpdatesTest, NeedsNoBody) {
  EXPECT_EQ(Post("bus-7", "").status, 202);
  EXPECT_EQ(Post("bus-7", R"({"socket_id":null})").status, 202);
  EXPECT_EQ(desk_.state().request.socket_id, std::nullopt);
}

TEST_F(UpdatesTest, IsForAdmins) {
  EXPECT_EQ(Post("bus-7", "{}", "").status, 401);
  EXPECT_EQ(Post("bus-7", "{}", "user").status, 403);
  EXPECT_EQ(Post("nobody", "nonsense", "user").status, 403);
  EXPECT_EQ(Get("r-1", "user").status, 403);
  EXPECT_EQ(desk_.state().request.request_id, "");
}

TEST_F(UpdatesTest, SaysWhatIsWrong) {
  for (const char* bad : {"[]", "{", R"({"socket_id":7})", R"({"socket_id":""})"}) {
    const auto reply = Post("bus-7", bad);
    EXPECT_EQ(reply.status, 400) << bad;
    EXPECT_THAT(reply.body, HasSubstr("invalid_request")) << bad;
  }
  EXPECT_THAT(Post("nobody").body, HasSubstr("unknown_tracker"));
  desk_.Set(UpdateStatus::kQueued, "", true);
  const auto away = Post("bus-7");
  EXPECT_EQ(away.status, 503);
  EXPECT_EQ(away.Header("Retry-After"), "1");
  EXPECT_EQ(Get("r-1").status, 503);
}

}  // namespace
}  // namespace trackwire::api
