#include "formats/owntracks.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace trackwire::formats {
namespace {

/// What is read of a message that says something.
Report Read(const std::string& json) {
  const auto read = ReadOwntracks(json);
  EXPECT_TRUE(read) << json << ": " << read.error().code << " " << read.error().detail;
  EXPECT_TRUE(read && read->has_value()) << json;
  return read && read->has_value() ? **read : Report();
}

/// `code detail` of a message that is refused.
std::string Refused(const std::string& json) {
  const auto read = ReadOwntracks(json);
  return read ? "accepted" : read.error().code + " " + read.error().detail;
}

std::string Location(const std::string& members) {
  return R"({"_type":"location","lat":52.5,"lon":13.4,"tst":1700000000)" + members + "}";
}

TEST(OwntracksTest, ReadsALocation) {
  const Report report = Read(
      R"({"_type":"location","topic":"owntracks/ada/phone","lat":52.5,"lon":-13.25,)"
      R"("tst":1700000000,"acc":12,"vac":3,"alt":34,"vel":36,"cog":271,"batt":81,"bs":2,)"
      R"("t":"t","tid":"ad","conn":"m","m":1,"inregions":["home","garden"],)"
      R"("motionactivities":["automotive"],"created_at":1700000002,"SSID":"attic",)"
      R"("BSSID":"00:11:22:33:44:55","imei":"35","vin":"W0"})");
  EXPECT_EQ(report.external_id, "ada/phone");
  EXPECT_TRUE(report.has_place);
  EXPECT_DOUBLE_EQ(report.fix.place.latitude, 52.5);
  EXPECT_DOUBLE_EQ(report.fix.place.longitude, -13.25);
  EXPECT_EQ(base::FormatTime(report.fix.fix_time), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(report.fix.accuracy_m, 12);
  EXPECT_EQ(report.fix.altitude_m, 34);
  EXPECT_EQ(report.fix.speed_mps, 10);
  EXPECT_EQ(report.fix.course_deg, 271);
  EXPECT_EQ(report.fix.battery_percent, 81);
  EXPECT_EQ(report.fix.heading_deg, std::nullopt);
  EXPECT_EQ(report.fix.attributes_json,
            R"({"trigger":"t","tid":"ad","connection":"mobile","regions":"home, garden",)"
            R"("activity":"automotive","vertical_accuracy":3,"monitoring":1,"charging":true,)"
            R"("device_time":"2023-11-14T22:13:22.000Z"})");
}

TEST(OwntracksTest, LeavesOutWhatIsNotKnown) {
  const Report bare = Read(Location(""));
  const Report unknown = Read(Location(
      R"(,"acc":-1,"vac":-1,"alt":99,"vel":-1,"cog":-1,"batt":-1,"bs":0,"odometer":-1)"));
  for (const Report& report : {bare, unknown}) {
    EXPECT_EQ(report.external_id, "");
    EXPECT_EQ(report.fix.accuracy_m, std::nullopt);
    EXPECT_EQ(report.fix.altitude_m, std::nullopt);
    EXPECT_EQ(report.fix.speed_mps, std::nullopt);
    EXPECT_EQ(report.fix.course_deg, std::nullopt);
    EXPECT_EQ(report.fix.battery_percent, std::nullopt);
    EXPECT_EQ(report.fix.attributes_json, "");
  }
  EXPECT_EQ(Read(Location(R"(,"vel":0,"cog":360)")).fix.speed_mps, 0);
  EXPECT_EQ(Read(Location(R"(,"vel":0,"cog":360)")).fix.course_deg, 0);
}

TEST(OwntracksTest, ReadsWhatTheRecorderAdds) {
  const Report report = Read(Location(
      R"(,"username":"ada","device":"car","name":"Ada's car","ghash":"u33d","isotst":"x",)"
      R"("ign":1,"odometer":12.5,"addr":"Somewhere 1","cc":"DE")"));
  EXPECT_EQ(report.external_id, "ada/car");
  EXPECT_EQ(report.name, "Ada's car");
  EXPECT_EQ(report.fix.attributes_json, R"({"ignition":true,"odometer":12500})");
}

TEST(OwntracksTest, ReadsNumbersThatOldAppsWriteAsTexts) {
  const Report report = Read(
      R"({"_type":"location","lat":"52.5","lon":"13.25","tst":"1440396651","acc":"65"})");
  EXPECT_DOUBLE_EQ(report.fix.place.longitude, 13.25);
  EXPECT_EQ(report.fix.accuracy_m, 65);
  EXPECT_EQ(base::FormatTime(report.fix.fix_time), "2015-08-24T06:10:51.000Z");
}

TEST(OwntracksTest, TakesTheIdFromAnyTopic) {
  const std::map<std::string, std::string> ids{
      {"owntracks/ada/phone", "ada/phone"},     {"/owntracks/ada/phone", "ada/phone"},
      {"site/tracks/ada/phone", "ada/phone"},   {"owntracks/ada/phone/event", "ada/phone"},
      {"owntracks/ada/status", "ada/status"},   {"owntracks/ada", ""},
      {"", ""},                                 {"///", ""}};
  for (const auto& [topic, id] : ids) {
    EXPECT_EQ(Read(Location(R"(,"topic":")" + topic + "\"")).external_id, id) << topic;
  }
}

TEST(OwntracksTest, TellsSignsOfLifeFromPlaces) {
  const Report report = Read(
      R"({"_type":"transition","topic":"owntracks/ada/phone/event","tst":1700000000,"lat":1,)"
      R"("lon":2,"event":"enter","t":"c"})");
  EXPECT_FALSE(report.has_place);
  EXPECT_EQ(report.external_id, "ada/phone");
  EXPECT_EQ(report.fix.fix_time, WallTime(std::chrono::seconds(1'700'000'000)));
  EXPECT_FALSE(Read(R"({"_type":"status"})").has_place);
  EXPECT_EQ(Read(R"({"_type":"status"})").fix.fix_time, WallTime());
  for (const char* type : {"card", "cmd", "waypoint", "waypoints", "configuration", "", "x"}) {
    const auto read = ReadOwntracks(std::string(R"({"_type":")") + type + R"(","tst":"14"})");
    ASSERT_TRUE(read) << type;
    EXPECT_FALSE(read->has_value()) << type;
  }
}

TEST(OwntracksTest, ReadsALastWill) {
  const Report will = Read(
      R"({"_type":"lwt","tst":1700000000,"topic":"owntracks/ada/phone","batt":5})");
  EXPECT_TRUE(will.last_will);
  EXPECT_FALSE(will.has_place);
  EXPECT_EQ(will.external_id, "ada/phone");
  EXPECT_EQ(will.fix.fix_time, WallTime(std::chrono::milliseconds(1'700'000'000'999)))
      << "it may have been any part of that second";
  EXPECT_EQ(will.fix.attributes_json, "") << "others say it, so it tells nothing else";
  EXPECT_EQ(Read(R"({"_type":"lwt","tst":"1440363922"})").fix.fix_time,
            WallTime(std::chrono::milliseconds(1'440'363'922'999)));
  for (const char* none : {"", R"(,"tst":"soon")", R"(,"tst":-1)", R"(,"isorcv":"x")"}) {
    const Report undated = Read(std::string(R"({"_type":"lwt")") + none + "}");
    EXPECT_TRUE(undated.last_will) << none;
    EXPECT_EQ(undated.fix.fix_time, WallTime()) << none;
  }
  EXPECT_EQ(Read(R"({"_type":"lwt","tst":1700000000,"isorcv":"2023-11-14T23:00:00Z"})").fix.fix_time,
            WallTime(std::chrono::seconds(1'700'002'800)))
      << "an app writes its will when it connects";
  EXPECT_FALSE(Read(Location("")).last_will);
}

TEST(OwntracksTest, RefusesWhatIsNoMessage) {
  EXPECT_EQ(Refused("").substr(0, 8), "bad_json");
  EXPECT_EQ(Refused("{").substr(0, 8), "bad_json");
  EXPECT_EQ(Refused(std::string(100, '[')).substr(0, 8), "bad_json");
  EXPECT_EQ(Refused("[]"), "bad_message it is not an object");
  EXPECT_EQ(Refused("{}"), "bad_message _type");
  EXPECT_EQ(Refused(R"({"_type":7})"), "bad_message _type");
  EXPECT_EQ(Refused(R"({"_type":"encrypted","data":"AAAA"})"), "encrypted the message is encrypted");
  const std::string start = R"({"_type":"location",)";
  EXPECT_EQ(Refused(start + R"("lon":1,"tst":1})"), "bad_message lat");
  EXPECT_EQ(Refused(start + R"("lat":91,"lon":1,"tst":1})"), "bad_message lat");
  EXPECT_EQ(Refused(start + R"("lat":1e999,"lon":1,"tst":1})"), "bad_message lat");
  EXPECT_EQ(Refused(start + R"("lat":"1x","lon":1,"tst":1})"), "bad_message lat");
  EXPECT_EQ(Refused(start + R"("lat":1,"lon":null,"tst":1})"), "bad_message lon");
  EXPECT_EQ(Refused(start + R"("lat":1,"lon":-180.1,"tst":1})"), "bad_message lon");
  for (const char* tst : {"0", "-5", "null", "\"soon\"", "1e15", "[]"}) {
    EXPECT_EQ(Refused(start + R"("lat":1,"lon":1,"tst":)" + tst + "}"), "bad_message tst") << tst;
  }
  EXPECT_EQ(Refused(Location(R"(,"topic":"owntracks/)" + std::string(300, 'u') + R"(/d")")),
            "bad_message topic");
}

TEST(OwntracksTest, BoundsWhatItPassesOn) {
  const Report report = Read(Location(R"(,"poi":")" + std::string(5'000, 'p') + R"(","tid":"x")"));
  EXPECT_EQ(report.fix.attributes_json, R"({"tid":"x"})");
}

TEST(OwntracksTest, ReadsTheListOfTheRecorder) {
  const std::string who = R"(,"username":"ada","device":"car")";
  const auto list = ReadOwntracksList("[" + Location(who) + "," + Location("") +
                                      R"(,{"_type":"card"},{"_type":"encrypted"},7])");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->reports.size(), 1u);
  EXPECT_EQ(list->reports[0].external_id, "ada/car");
  EXPECT_EQ(list->bad, 3u);
  EXPECT_EQ(ReadOwntracksList("{}").error().code, "bad_message");
  EXPECT_EQ(ReadOwntracksList("[").error().code, "bad_json");
}

}  // namespace
}  // namespace trackwire::formats
