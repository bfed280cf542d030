#include "formats/traccar.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace trackwire::formats {
namespace {

/// A row of /api/positions with members in place of the usual ones.
std::string Row(const std::string& members) {
  return R"({"deviceTime":"2026-02-23T10:15:31.000+00:00","fixTime":"2026-02-23T10:15:30.000+00:00",)"
         R"("serverTime":"2026-02-23T10:15:32.500+00:00","deviceId":7,"latitude":52.5,)"
         R"("longitude":13.25,"valid":true,"outdated":false,"altitude":0.0,"speed":0.0,"course":0.0,)"
         R"("accuracy":0.0,"attributes":{})" +
         members + "}";
}

TraccarPosition Read(const std::string& members) {
  const auto news = ReadTraccarPositions("[" + Row(members) + "]");
  EXPECT_TRUE(news && news->positions.size() == 1 && news->bad == 0) << members;
  return news && news->positions.size() == 1 ? news->positions[0] : TraccarPosition();
}

uint64_t Bad(const std::string& row) {
  const auto news = ReadTraccarPositions("[" + row + "]");
  EXPECT_TRUE(news) << row;
  EXPECT_TRUE(!news || news->positions.size() + news->bad == 1) << row;
  return news ? news->bad : 99;
}

TEST(TraccarTest, ReadsAPosition) {
  const auto position = Read(
      R"(,"id":19,"protocol":"osmand","speed":10,"course":271.5,"altitude":34.5,"accuracy":12,)"
      R"("address":"Somewhere 1","network":{"wifiAccessPoints":[]},"geofenceIds":[1],)"
      R"("attributes":{"batteryLevel":81,"motion":true,"ignition":false,"odometer":1200.5,)"
      R"("totalDistance":99,"charge":true,"sat":9,"alarm":"sos","vin":"W0","driverUniqueId":"d",)"
      R"("ip":"10.0.0.1","distance":3,"hours":4})");
  EXPECT_EQ(position.device_id, 7);
  EXPECT_EQ(base::FormatTime(position.server_time), "2026-02-23T10:15:32.500Z");
  const Report& report = position.report;
  EXPECT_TRUE(report.has_place);
  EXPECT_EQ(report.external_id, "");
  EXPECT_EQ(base::FormatTime(report.fix.fix_time), "2026-02-23T10:15:30.000Z");
  EXPECT_DOUBLE_EQ(report.fix.place.latitude, 52.5);
  EXPECT_DOUBLE_EQ(*report.fix.speed_mps, 10 * 1852.0 / 3600);
  EXPECT_EQ(report.fix.course_deg, 271.5);
  EXPECT_EQ(report.fix.altitude_m, 34.5);
  EXPECT_EQ(report.fix.accuracy_m, 12);
  EXPECT_EQ(report.fix.battery_percent, 81);
  EXPECT_EQ(report.fix.valid, true);
  EXPECT_EQ(report.fix.attributes_json,
            R"({"device_time":"2026-02-23T10:15:31.000Z","motion":true,"ignition":false,)"
            R"("odometer":1200.5,"total_distance":99,"charging":true,"satellites":9,"alarm":"sos"})");
}

TEST(TraccarTest, TakesZeroForWhatIsNotKnown) {
  const tracking::Fix still = Read("").report.fix;
  EXPECT_EQ(still.accuracy_m, std::nullopt);
  EXPECT_EQ(still.altitude_m, std::nullopt);
  EXPECT_EQ(still.speed_mps, std::nullopt);
  EXPECT_EQ(still.course_deg, std::nullopt);
  const tracking::Fix north = Read(R"(,"speed":5)").report.fix;
  EXPECT_EQ(north.course_deg, 0);
  const tracking::Fix parked = Read(R"(,"course":90)").report.fix;
  EXPECT_EQ(parked.speed_mps, 0);
  EXPECT_EQ(parked.course_deg, 90);
  EXPECT_EQ(Read(R"(,"attributes":{"batteryLevel":0})").report.fix.battery_percent, 0);
  EXPECT_EQ(Read(R"(,"attributes":{"batteryLevel":-1})").report.fix.battery_percent, std::nullopt);
}

TEST(TraccarTest, TellsOldPlacesFromNewOnes) {
  EXPECT_FALSE(Read(R"(,"outdated":true)").report.has_place);
  EXPECT_FALSE(Read(R"(,"valid":false,"latitude":0,"longitude":0)").report.has_place);
  EXPECT_TRUE(Read(R"(,"valid":false)").report.has_place);
  EXPECT_EQ(Read(R"(,"valid":false)").report.fix.valid, false);
  // A device that never had a fix.
  EXPECT_FALSE(Read(R"(,"outdated":true,"fixTime":"1970-01-01T00:00:00.000+00:00")").report.has_place);
  EXPECT_FALSE(Read(R"(,"outdated":true,"fixTime":null)").report.has_place);
}

TEST(TraccarTest, ReadsTimesWithAnyOffset) {
  for (const char* time : {"2026-02-23T12:15:30.000+0200", "2026-02-23T12:15:30+02:00",
                           "2026-02-23T10:15:30Z", "2026-02-23T04:45:30.000-05:30"}) {
    const auto position = Read(std::string(R"(,"fixTime":")") + time + "\"");
    EXPECT_EQ(base::FormatTime(position.report.fix.fix_time), "2026-02-23T10:15:30.000Z") << time;
  }
}

TEST(TraccarTest, SkipsRowsThatAreNone) {
  for (const char* members :
       {R"(,"deviceId":null)", R"(,"deviceId":"7")", R"(,"deviceId":1.5)", R"(,"latitude":91)",
        R"(,"latitude":null)", R"(,"longitude":-180.5)", R"(,"longitude":1e999)",
        R"(,"fixTime":null)", R"(,"fixTime":"soon")", R"(,"fixTime":"1970-01-01T00:00:00Z")"}) {
    EXPECT_EQ(Bad(Row(members)), 1u) << members;
  }
  for (const char* row : {"null", "7", "[]", "{}", "\"\""}) EXPECT_EQ(Bad(row), 1u) << row;
  EXPECT_EQ(Bad(Row("")), 0u);
}

TEST(TraccarTest, ReadsDevices) {
  const auto news = ReadTraccarDevices(
      R"([{"id":7,"name":"Van","uniqueId":"8675309","status":"online","disabled":true,)"
      R"("phone":"+1","category":"van","positionId":3,"attributes":{}},)"
      R"({"id":8,"uniqueId":""},{"id":"9","uniqueId":"x"},{"uniqueId":"y"},{"id":9,"uniqueId":"z",)"
      R"("name":null,"category":null}])");
  ASSERT_TRUE(news);
  EXPECT_EQ(news->bad, 3u);
  ASSERT_EQ(news->devices.size(), 2u);
  EXPECT_EQ(news->devices[0].id, 7);
  EXPECT_EQ(news->devices[0].unique_id, "8675309");
  EXPECT_EQ(news->devices[0].name, "Van");
  EXPECT_EQ(news->devices[0].category, "van");
  EXPECT_TRUE(news->devices[0].disabled);
  EXPECT_EQ(news->devices[1].name, "");
}

TEST(TraccarTest, ReadsMessagesOfTheSocket) {
  const auto both = ReadTraccarMessage(R"({"positions":[)" + Row("") + R"(],"devices":[],"x":1})");
  ASSERT_TRUE(both);
  EXPECT_EQ(both->positions.size(), 1u);
  for (const char* quiet : {"{}", R"({"events":[{"id":1}]})", R"({"positions":null})"}) {
    const auto news = ReadTraccarMessage(quiet);
    ASSERT_TRUE(news) << quiet;
    EXPECT_TRUE(news->positions.empty() && news->devices.empty());
  }
}

TEST(TraccarTest, RefusesWhatIsNoAnswer) {
  const auto code = [](const Result<TraccarNews>& news) {
    return news ? std::string("read") : news.error().code;
  };
  EXPECT_EQ(code(ReadTraccarPositions("")), "bad_json");
  EXPECT_EQ(code(ReadTraccarPositions("[{]")), "bad_json");
  EXPECT_EQ(code(ReadTraccarPositions("{}")), "bad_message");
  EXPECT_EQ(code(ReadTraccarDevices("\"HTTP 401\"")), "bad_message");
  EXPECT_EQ(code(ReadTraccarMessage("[]")), "bad_message");
  EXPECT_EQ(code(ReadTraccarMessage(R"({"positions":{}})")), "bad_message");
  std::string many = "[0";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  EXPECT_EQ(code(ReadTraccarPositions(many + "]")), "too_many");
}

}  // namespace
}  // namespace trackwire::formats
