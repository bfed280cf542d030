#include "api/positions.h"

#include <gmock/gmock.h>

#include "api/positions_text.h"
#include "api/resources.h"
#include "tests/api/fake_reader.h"
#include "tests/engineio/raw_client.h"
#include "tests/engineio/test_shards.h"

namespace trackwire::api {
namespace {

using formats::TrackFormat;
using testing::At;
using ::testing::HasSubstr;
using ::testing::Not;
using tracking::Id;

constexpr const char* kWhole =
    R"({"latitude":48.8583701,"longitude":2.2944813,"altitude":35,"accuracy":4.5,"speed":13.4,)"
    R"("course":271.5,"heading":270,"fix_time":"2026-01-01T00:00:00.000Z",)"
    R"("received_at":"2026-01-01T00:00:01.000Z","valid":true,"battery_level":81,)"
    R"("motion":"moving","source":"push \"a\"","attributes":{"ignition":true}})";

TEST(ReadPositionTest, GivesBackWhatWasPrinted) {
  const auto position = ReadPosition(kWhole);
  ASSERT_TRUE(position);
  EXPECT_EQ(tracking::ToJson(*position, false), kWhole);
}

TEST(ReadPositionTest, LivesWithWhatWasLeftOut) {
  const auto bare =
      ReadPosition(R"({"latitude":1,"longitude":2,"fix_time":"2026-01-01T00:00:00.000Z"})");
  ASSERT_TRUE(bare);
  EXPECT_FALSE(bare->fix.speed_mps || bare->fix.valid);
  for (const auto format : {TrackFormat::kCsv, TrackFormat::kGpx, TrackFormat::kGeoJson}) {
    const std::string json =
        R"({"latitude":1,"longitude":2,"fix_time":"2026-01-01T00:00:00.000Z"})";
    EXPECT_THAT(PositionsFile({{bare->fix.fix_time, json}}, {}, format), Not(HasSubstr("1970")));
  }
  EXPECT_FALSE(ReadPosition(R"({"longitude":2,"fix_time":"2026-01-01T00:00:00.000Z"})"));
  EXPECT_FALSE(ReadPosition(R"({"latitude":1,"longitude":2})"));
  EXPECT_FALSE(ReadPosition("[]"));
}

TEST(FileNameTest, TakesNothingThatAHeaderOrASystemDoesNot) {
  EXPECT_EQ(FileName(Id(std::string("bus-7")), TrackFormat::kGpx), "bus-7.gpx");
  EXPECT_EQ(FileName(Id(int64_t{7}), TrackFormat::kCsv), "7.csv");
  EXPECT_EQ(FileName(Id(std::string("a/b\"\r\n;..\xc3\xbc")), TrackFormat::kGeoJson),
            "a_b________.geojson");
  EXPECT_EQ(FileName(Id(std::string(128, 'x')), TrackFormat::kCsv).size(), 64u);
}

TEST(FormatAcceptedTest, TakesWhatIsLikedBest) {
  const std::pair<const char*, std::optional<TrackFormat>> cases[] = {
      {"", std::nullopt},
      {"*/*", std::nullopt},
      {"text/html,application/xhtml+xml,*/*;q=0.8", std::nullopt},
      {"application/json", std::nullopt},
      {"text/csv", TrackFormat::kCsv},
      {"Application/GPX+XML", TrackFormat::kGpx},
      {"application/geo+json, application/json", TrackFormat::kGeoJson},
      {"application/json, application/geo+json", std::nullopt},
      {"application/json;q=0.5, text/csv; q=0.9", TrackFormat::kCsv},
      {"text/csv;q=0, */*;q=0.1", std::nullopt},
      {"text/csv;q=x, image/png", std::nullopt},
      {"image/png", std::nullopt},
      {",,;;,", std::nullopt}};
  for (const auto& [accept, format] : cases) EXPECT_EQ(FormatAccepted(accept), format) << accept;
}

Result<PositionsQuery> Read(const std::string& text) {
  return ReadPositionsQuery(net::http::Query::Parse(text), {});
}

TEST(PositionsQueryTest, ReadsEverything) {
  const auto query = Read(
      "from=2026-01-01T00:00:00Z&to=2026-01-02T01:00:00+01:00&limit=10000"
      "&order=desc&after=2026-01-01T12:00:00.250Z&format=gpx");
  ASSERT_TRUE(query) << query.error().detail;
  EXPECT_EQ(query->history.from, At("2026-01-01T00:00:00Z"));
  EXPECT_EQ(query->history.to, At("2026-01-02T00:00:00Z")) << "a plus that was not escaped";
  EXPECT_EQ(query->history.limit, 10'000u);
  EXPECT_TRUE(query->history.newest_first);
  EXPECT_EQ(query->history.after, At("2026-01-01T12:00:00.250Z"));
  EXPECT_EQ(query->format, TrackFormat::kGpx);
  const auto plain = Read("");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->history.limit, 1'000u);
  EXPECT_FALSE(plain->history.newest_first || plain->history.after || plain->format);
}

TEST(PositionsQueryTest, SaysWhatIsWrong) {
  for (const char* bad :
       {"from=yesterday", "to=2026-13-01T00:00:00Z", "limit=10001", "limit=0", "order=up",
        "format=xml", "format=", "after=17", "from=2026-01-02T00:00:00Z&to=2026-01-02T00:00:00Z"}) {
    const auto read = Read(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, "invalid_request") << bad;
  }
}

TEST(TargetAfterTest, KeepsTheOtherParameters) {
  EXPECT_EQ(TargetAfter("/api/trackers/a b/positions",
                        net::http::Query::Parse("limit=2&after=x&format=csv&z=%26"),
                        "2026-01-01T00:00:00.000Z"),
            "/api/trackers/a%20b/positions?limit=2&format=csv&z=%26"
            "&after=2026-01-01T00:00:00.000Z");
}

class PositionsEndpointTest : public ::testing::Test {
 protected:
  PositionsEndpointTest() {
    packing_.Start();
    TrackerView view;
    view.tracker.id = Id(std::string("a"));
    view.tracker.name = "A";
    view.tracker.is_public = true;
    reader_.Add(view);
    for (int i = 0; i < 5; ++i) {
      const std::string time = "2026-01-01T00:00:0" + std::to_string(i) + ".000Z";
      reader_.AddPast(view.tracker.id, time,
                      R"({"latitude":)" + std::to_string(i) + R"(,"longitude":0,"fix_time":")" +
                          time + R"(","received_at":")" + time + R"(","motion":"moving"})");
    }
    view.tracker.id = Id(std::string("hidden"));
    view.tracker.is_public = false;
    reader_.Add(view);
    trackers_.AddPart(PositionsEndpoint::kPart, positions_);
    shards_.Listen("/", &trackers_);
  }
  ~PositionsEndpointTest() override {
    shards_.Stop();
    packing_.Stop();
  }
  testing::Reply Get(const std::string& query, const std::string& header = "Accept: */*") {
    return testing::HttpClient(shards_.port())
        .Do("GET", "/api/trackers/a/positions" + query, {header});
  }

  testing::Callers callers_;
  Access access_{callers_.verifier, {}, "access_token", false};
  testing::FakeReader reader_;
  net::Loop packing_{"packing"};
  PositionsEndpoint positions_{access_, reader_, packing_};
  Resources trackers_{access_, "/api/trackers"};
  testing::TestShards shards_{1};
};

TEST_F(PositionsEndpointTest, GivesPagesThatMeet) {
  std::string target = "?limit=2";
  std::vector<std::string> bodies;
  for (int page = 0; page < 3; ++page) {
    const auto reply = Get(target);
    ASSERT_EQ(reply.status, 200);
    bodies.push_back(reply.body);
    const auto link = reply.Header("Link");
    ASSERT_EQ(link.has_value(), page < 2);
    if (link) target = link->substr(link->find('?'), link->find('>') - link->find('?'));
  }
  EXPECT_THAT(bodies[0], HasSubstr(R"({"positions":[{"latitude":0,)"));
  EXPECT_THAT(bodies[0], HasSubstr(R"("next":"2026-01-01T00:00:01.000Z"})"));
  EXPECT_THAT(bodies[1], HasSubstr(R"({"positions":[{"latitude":2,)"));
  EXPECT_THAT(bodies[2], HasSubstr(R"({"positions":[{"latitude":4,)"));
  EXPECT_THAT(bodies[2], HasSubstr(R"("next":null})"));
}

TEST_F(PositionsEndpointTest, GoesBackwardsWithinTimes) {
  const auto reply = Get("?order=desc&from=2026-01-01T00:00:01Z&to=2026-01-01T00:00:04Z&limit=10");
  EXPECT_THAT(reply.body, ::testing::ContainsRegex("latitude\":3.*latitude\":2.*latitude\":1"));
  EXPECT_THAT(reply.body, Not(HasSubstr("\"latitude\":0")));
  EXPECT_THAT(reply.body, Not(HasSubstr("\"latitude\":4")));
}

TEST_F(PositionsEndpointTest, GivesFiles) {
  const auto csv = Get("?format=csv&limit=2");
  EXPECT_EQ(csv.status, 200);
  EXPECT_THAT(*csv.Header("Content-Type"), HasSubstr("text/csv"));
  EXPECT_EQ(csv.Header("Content-Disposition"), "attachment; filename=\"a.csv\"");
  EXPECT_THAT(csv.body, HasSubstr("\na,A,2026-01-01T00:00:01.000Z,1,0,"));
  EXPECT_TRUE(csv.Header("Link"));
  const auto gpx = Get("", "Accept: application/gpx+xml");
  EXPECT_THAT(*gpx.Header("Content-Type"), HasSubstr("application/gpx+xml"));
  EXPECT_THAT(gpx.body, HasSubstr("<trkpt lat=\"4\" lon=\"0\">"));
  EXPECT_FALSE(gpx.Header("Link"));
  const auto geojson = Get("?format=geojson");
  EXPECT_EQ(geojson.Header("Content-Type"), "application/geo+json");
  EXPECT_THAT(geojson.body, HasSubstr(R"("coordinates":[0,4])"));
  EXPECT_EQ(geojson.Header("Vary"), "Accept, Authorization, Cookie, Accept-Encoding");
}

TEST_F(PositionsEndpointTest, SaysWhatIsWrong) {
  EXPECT_EQ(Get("?limit=x").status, 400);
  testing::HttpClient client(shards_.port());
  EXPECT_EQ(client.Do("GET", "/api/trackers/hidden/positions").status, 404);
  EXPECT_EQ(client.Do("GET", "/api/trackers/b/positions?format=csv").status, 404);
  EXPECT_EQ(client.Do("DELETE", "/api/trackers/a/positions").status, 405);
  access_.require_auth = true;
  EXPECT_EQ(Get("").status, 401);
}

}  // namespace
}  // namespace trackwire::api
