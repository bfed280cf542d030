#include <gmock/gmock.h>

#include "api/resources.h"
#include "api/tracker_json.h"
#include "api/tracker_one.h"
#include "api/tracker_query.h"
#include "tests/api/fake_reader.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using tracking::Id;

TrackerView Bus(bool is_public = true) {
  TrackerView view;
  view.tracker.id = Id(std::string("bus-7"));
  view.tracker.name = "Bus 7";
  view.tracker.category = "bus";
  view.tracker.client_id = Id(std::string("acme"));
  view.tracker.is_public = is_public;
  view.tracker.provider = "traccar:office";
  view.tracker.external_id = "356938035643809";
  view.tracker.expected_interval = std::chrono::seconds(30);
  view.client_name = "Acme";
  view.status.connectivity = tracking::Connectivity::kOnline;
  view.status.connectivity_since = testing::At("2026-01-01T00:00:00Z");
  view.position_json = R"({"latitude":1.5,"longitude":2.5,"accuracy":3})";
  return view;
}

notify::Views HidingAccuracy() {
  return *notify::Views::Make({{}, {"anonymous=accuracy"}});
}

TEST(TrackerJsonTest, IsWhatTheSnapshotHas) {
  const notify::Views views;
  EXPECT_EQ(TrackerJson(Bus(), false, views, 0),
            R"({"id":"bus-7","name":"Bus 7","category":"bus","client_id":"acme",)"
            R"("status":{"connectivity":"online","connectivity_since":"2026-01-01T00:00:00.000Z",)"
            R"("motion":"unknown"},"position":{"latitude":1.5,"longitude":2.5,"accuracy":3}})");
}

TEST(TrackerJsonTest, TellsAdminsMoreButNoKeys) {
  const std::string json = TrackerJson(Bus(), true, notify::Views(), 0);
  EXPECT_THAT(json, HasSubstr(R"("public":true,"provider":"traccar:office","offline_after":600,)"
                              R"("expected_interval":30)"));
  EXPECT_THAT(json, Not(HasSubstr("356938035643809")));
}

TEST(TrackerJsonTest, LeavesOutWhatAViewHides) {
  const notify::Views views = HidingAccuracy();
  EXPECT_THAT(TrackerJson(Bus(), false, views, views.Of({})), Not(HasSubstr("accuracy")));
}

TEST(TrackerPageTest, NamesTheClientsOfItsTrackersAndWhereToGoOn) {
  TrackerPage page;
  page.offset = "5-0";
  EXPECT_EQ(TrackerPageJson(page, testing::At("2026-01-01T00:00:00Z"), false, notify::Views(), 0),
            R"({"offset":"5-0","server_time":"2026-01-01T00:00:00.000Z","clients":[],)"
            R"("trackers":[],"next":null})");
  page.trackers = {Bus(), Bus()};
  page.more = true;
  page.reached = Id(std::string("bus-7"));
  const std::string json = TrackerPageJson(page, {}, false, notify::Views(), 0);
  EXPECT_THAT(json, HasSubstr(R"("clients":[{"id":"acme","name":"Acme"}],"trackers":[{"id":)"));
  EXPECT_THAT(json, HasSubstr(R"(],"next":"\"bus-7\""})"));
}

net::http::Query Query(const std::string& text) { return net::http::Query::Parse(text); }

TEST(TrackerQueryTest, IsNoneWhenNothingNarrows) {
  const auto query = ReadTrackerQuery(Query("t=123&format=json"));
  ASSERT_TRUE(query);
  EXPECT_FALSE(query->has_value());
}

TEST(TrackerQueryTest, ReadsEachWayToNarrow) {
  const auto read = ReadTrackerQuery(
      Query("client=7&connectivity=online&motion=stopped&bbox=-10,20.5,30,40&search=B%C3%BCs"
            "&limit=5&after=%22a%22"));
  ASSERT_TRUE(read && *read) << read.error().detail;
  const TrackerQuery& query = **read;
  EXPECT_THAT(query.filter.client, ElementsAre(Id(int64_t{7}), Id(std::string("7"))));
  EXPECT_EQ(query.filter.connectivity, tracking::Connectivity::kOnline);
  EXPECT_EQ(query.filter.motion, tracking::Motion::kStopped);
  EXPECT_EQ(query.filter.box, (tracking::BoundingBox{-10, 20.5, 30, 40}));
  EXPECT_EQ(query.filter.search, "B\xc3\xbcs");
  EXPECT_EQ(query.limit, 5u);
  EXPECT_EQ(query.after, Id(std::string("a")));
}

TEST(TrackerQueryTest, SaysWhatIsWrong) {
  for (const std::string& bad :
       {std::string("connectivity=up"), std::string("motion=Moving"), std::string("bbox=1,2,3"),
        std::string("bbox=a"), std::string("bbox=0,50,10,40"), std::string("bbox=0,0,1e999,1"),
        std::string("bbox=1,2,3,4],[5"), std::string("limit=0"), std::string("limit=1001"),
        std::string("limit=-1"), std::string("limit=5x"), std::string("limit="),
        std::string("after="), std::string("client="), std::string("search=%ff"),
        "search=" + std::string(257, 'x')}) {
    const auto read = ReadTrackerQuery(Query(bad));
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, "invalid_request") << bad;
  }
}

class TrackerEndpointTest : public ::testing::Test {
 protected:
  TrackerEndpointTest() {
    TrackerView hidden = Bus(false);
    hidden.tracker.id = Id(int64_t{7});
    reader_.Add(Bus());
    reader_.Add(hidden);
    TrackerView text = Bus();
    text.tracker.id = Id(std::string("7"));
    text.tracker.name = "Text";
    reader_.Add(text);
    trackers_.AddThing(one_);
    shards_.Listen("/", &trackers_);
  }
  testing::Reply Get(const std::string& path, const std::string& header = "") {
    std::vector<std::string> headers;
    if (!header.empty()) headers.push_back(header);
    return testing::HttpClient(shards_.port()).Do("GET", path, headers);
  }

  testing::Callers callers_;
  Access access_{callers_.verifier, {}, "access_token", false};
  testing::FakeReader reader_;
  notify::Views views_ = HidingAccuracy();
  TrackerEndpoint one_{access_, reader_, views_};
  Resources trackers_{access_, "/api/trackers"};
  testing::TestShards shards_{1};
};

TEST_F(TrackerEndpointTest, ShowsWhatTheCallerMaySee) {
  const auto reply = Get("/api/trackers/bus-7");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.Header("Content-Type"), "application/json");
  EXPECT_EQ(reply.Header("Cache-Control"), "private, no-store");
  EXPECT_THAT(reply.body, HasSubstr(R"("id":"bus-7")"));
  EXPECT_THAT(reply.body, Not(HasSubstr("accuracy")));
  EXPECT_THAT(reply.body, Not(HasSubstr("provider")));
  const auto more = Get("/api/trackers/bus-7", callers_.Bearer("admin"));
  EXPECT_THAT(more.body, HasSubstr("accuracy"));
  EXPECT_THAT(more.body, HasSubstr("provider"));
}

TEST_F(TrackerEndpointTest, HidesThatATrackerIsThere) {
  const auto absent = Get("/api/trackers/nobody");
  EXPECT_EQ(absent.status, 404);
  EXPECT_EQ(absent.body,
            R"({"error":{"code":"unknown_tracker","message":"there is no such tracker"}})");
  EXPECT_THAT(Get("/api/trackers/7").body, HasSubstr("Text")) << "the number is not theirs to see";
  EXPECT_THAT(Get("/api/trackers/7", callers_.Bearer("user", {"\"acme\""})).body,
              HasSubstr(R"("id":7,)"));
}

TEST_F(TrackerEndpointTest, SaysWhenItCannot) {
  reader_.FailWith("unavailable");
  const auto reply = Get("/api/trackers/bus-7");
  EXPECT_EQ(reply.status, 503);
  EXPECT_EQ(reply.Header("Retry-After"), "1");
  access_.require_auth = true;
  EXPECT_EQ(Get("/api/trackers/bus-7").status, 401);
}

}  // namespace
}  // namespace trackwire::api
