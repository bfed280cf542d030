#include "formats/told_position.h"

#include <gtest/gtest.h>

namespace trackwire::formats {
namespace {

const WallTime kTold{std::chrono::milliseconds(1'700'000'000'250)};

ToldPosition Read(const std::string& json) {
  auto read = ReadToldPosition(json, kTold);
  EXPECT_TRUE(read) << json << ": " << read.error().code;
  return read ? *read : ToldPosition();
}

std::string Refused(const std::string& json) {
  const auto read = ReadToldPosition(json, kTold);
  return read ? "taken" : read.error().code;
}

TEST(ToldPositionTest, ReadsOurOwnVocabulary) {
  const ToldPosition told = Read(
      R"({"tracker_id":"a","latitude":52.5,"longitude":13.25,"altitude":34,"accuracy":5,"speed":10,)"
      R"("course":90,"heading":80,"fix_time":"2023-11-14T22:13:19.500Z","valid":true,)"
      R"("battery_level":81,"motion":"moving","source":"gps","attributes":{"alarm":"sos","x":[1]},)"
      R"("note":"ours"})");
  EXPECT_EQ(told.fix.place.latitude, 52.5);
  EXPECT_EQ(told.fix.place.longitude, 13.25);
  EXPECT_EQ(told.fix.altitude_m, 34);
  EXPECT_EQ(told.fix.accuracy_m, 5);
  EXPECT_EQ(told.fix.speed_mps, 10) << "metres a second";
  EXPECT_EQ(told.fix.course_deg, 90);
  EXPECT_EQ(told.fix.heading_deg, 80);
  EXPECT_EQ(told.fix.battery_percent, 81);
  EXPECT_EQ(told.fix.valid, true);
  EXPECT_EQ(told.fix.fix_time, WallTime(std::chrono::milliseconds(1'699'999'999'500)));
  EXPECT_EQ(told.fix.source, "gps");
  EXPECT_EQ(told.fix.attributes_json, R"({"alarm":"sos"})");
  EXPECT_EQ(told.motion, tracking::Motion::kMoving);
  EXPECT_EQ(told.plain_json, "") << "it is read as it is";
}

TEST(ToldPositionTest, ReadsWhatOthersCommonlyWrite) {
  for (const char* json :
       {R"({"lat":52.5,"lng":13.25,"timestamp":1700000000})",
        R"({"lat":"52.5","lon":"13.25","timestamp":"1700000000000"})",
        R"({"location":{"lat":52.5,"lon":13.25},"timestamp":"2023-11-14T22:13:20"})",
        R"({"position":{"latitude":52.5,"longitude":13.25,"timestamp":1700000000}})",
        R"({"coords":{"latitude":52.5,"longitude":13.25},"time":"2023-11-14 22:13:20.000000"})",
        R"({"latitude":52.5,"longitude":13.25,"recorded_at":"2023-11-14T23:13:20+01:00"})"}) {
    const ToldPosition told = Read(json);
    EXPECT_EQ(told.fix.place.latitude, 52.5) << json;
    EXPECT_EQ(told.fix.place.longitude, 13.25) << json;
    EXPECT_EQ(told.fix.fix_time, WallTime(std::chrono::seconds(1'700'000'000))) << json;
    EXPECT_EQ(told.fix.source, "notification") << json;
    // What was made plain says the same, and needs no more.
    const ToldPosition again = Read(told.plain_json);
    EXPECT_EQ(again.plain_json, "") << json;
    EXPECT_EQ(again.fix.fix_time, told.fix.fix_time) << json;
    EXPECT_EQ(again.fix.place.longitude, told.fix.place.longitude) << json;
  }
}

TEST(ToldPositionTest, KeepsWhatElseStandsThere) {
  EXPECT_EQ(Read(R"( {"latitude":1.50,"longitude":2,"driver":{"name":"x"}} )").plain_json,
            R"({"fix_time":"2023-11-14T22:13:20.250Z","latitude":1.50,"longitude":2,)"
            R"("driver":{"name":"x"}})")
      << "without a time it is of when it was told";
  EXPECT_EQ(Read(R"({"lat":1.5,"lon":2,"n":7,"timestamp":1700000000})").plain_json,
            R"({"latitude":1.5,"longitude":2,"fix_time":"2023-11-14T22:13:20.000Z",)"
            R"("lat":1.5,"lon":2,"n":7,"timestamp":1700000000})");
  const std::string ours =
      Read(R"({"latitude":"1.5","longitude":"2","speed":3,"n":7})").plain_json;
  EXPECT_EQ(ours.find("\"latitude\":\""), std::string::npos) << "no name stands there twice";
  EXPECT_NE(ours.find("\"speed\":3"), std::string::npos);
}

TEST(ToldPositionTest, TakesNullAndNonsenseBesideThePlaceForUnknown) {
  const ToldPosition told = Read(
      R"({"latitude":1,"longitude":2,"speed":-1,"accuracy":null,"course":400,"heading":"north",)"
      R"("battery":"81","altitude":[],"valid":"perhaps","attributes":"none","fix_time":null,)"
      R"("bearing":7,"motion":false,"source":7})");
  EXPECT_FALSE(told.fix.speed_mps || told.fix.accuracy_m || told.fix.heading_deg);
  EXPECT_FALSE(told.fix.altitude_m || told.fix.valid);
  EXPECT_EQ(told.fix.battery_percent, 81);
  EXPECT_EQ(told.fix.attributes_json, "");
  EXPECT_EQ(told.fix.source, "notification");
  EXPECT_EQ(told.motion, tracking::Motion::kStopped);
  EXPECT_EQ(told.fix.fix_time, kTold);
}

TEST(ToldPositionTest, RefusesWhatIsNoPosition) {
  EXPECT_EQ(Refused("{"), "bad_json");
  EXPECT_EQ(Refused("[]"), "bad_json");
  EXPECT_EQ(Refused("{}"), "missing_place");
  EXPECT_EQ(Refused(R"({"latitude":1})"), "missing_place");
  EXPECT_EQ(Refused(R"({"latitude":"x","longitude":2})"), "missing_place");
  EXPECT_EQ(Refused(R"({"location":[1,2]})"), "missing_place");
  EXPECT_EQ(Refused(R"({"latitude":1,"longitude":1e999})"), "missing_place");
  for (const char* time : {"\"soon\"", "-5", "1e300", "[]", "true", "\"2023-02-30T00:00:00Z\""}) {
    EXPECT_EQ(Refused(std::string(R"({"latitude":1,"longitude":2,"timestamp":)") + time + "}"),
              "bad_time")
        << time;
  }
  EXPECT_EQ(Refused(R"({"latitude":91,"longitude":2})"), "taken") << "its range is checked later";
}

}  // namespace
}  // namespace trackwire::formats
