#include "formats/osmand.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace trackwire::formats {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::milliseconds(1'763'880'000'000)};
constexpr double kKnot = 1852.0 / 3600.0;

Report Fields(OsmandFields fields, double unit = kKnot) {
  auto report = ReadOsmandFields(fields, {kNow, unit});
  EXPECT_TRUE(report) << report.error().detail;
  return report ? std::move(*report) : Report();
}

std::string Wrong(OsmandFields fields) {
  auto report = ReadOsmandFields(fields, {kNow, kKnot});
  return report ? "fine" : report.error().code + " " + report.error().detail;
}

WallTime TimeOf(const std::string& text) {
  return Fields({{"lat", "1"}, {"lon", "2"}, {"timestamp", text}}).fix.fix_time;
}

TEST(OsmandFieldsTest, ReadsAWholeMessageInOurUnits) {
  const Report report = Fields({{"id", "123456"},   {"lat", "52.5"},     {"lon", "13.25"},
                                {"timestamp", "1763880000"}, {"speed", "10"}, {"bearing", "87.5"},
                                {"altitude", "34.2"}, {"accuracy", "5"}, {"batt", "81"},
                                {"hdop", "0.9"},     {"charge", "true"}, {"valid", "1"},
                                {"alarm", "sos"},    {"ignition", "true"}, {"fuel", "12.50"}});
  EXPECT_EQ(report.external_id, "123456");
  EXPECT_TRUE(report.has_place);
  EXPECT_EQ(report.fix.place.latitude, 52.5);
  EXPECT_EQ(report.fix.place.longitude, 13.25);
  EXPECT_EQ(report.fix.fix_time, kNow);
  EXPECT_DOUBLE_EQ(*report.fix.speed_mps, 10 * 1852.0 / 3600.0);
  EXPECT_EQ(report.fix.course_deg, 87.5);
  EXPECT_EQ(report.fix.altitude_m, 34.2);
  EXPECT_EQ(report.fix.accuracy_m, 5);
  EXPECT_EQ(report.fix.battery_percent, 81);
  EXPECT_EQ(report.fix.valid, true);
  EXPECT_EQ(report.fix.attributes_json,
            R"({"hdop":0.9,"charging":true,"alarm":"sos","ignition":true,"fuel":12.5})");
}

TEST(OsmandFieldsTest, TheUnitOfSpeedIsAChoice) {
  EXPECT_DOUBLE_EQ(*Fields({{"speed", "36"}}, 1 / 3.6).fix.speed_mps, 10);
  EXPECT_DOUBLE_EQ(*Fields({{"speed", "3"}}, 1).fix.speed_mps, 3);
}

TEST(OsmandFieldsTest, UnknownIsAbsent) {
  const tracking::Fix fix = Fields({{"lat", "1"}, {"lon", "2"}, {"speed", "-1"}, {"bearing", "-1"},
                                    {"accuracy", "0"}, {"altitude", "NaN"}, {"batt", "-100"},
                                    {"hdop", "0"}, {"charge", ""}, {"valid", ""}})
                                .fix;
  EXPECT_FALSE(fix.speed_mps || fix.course_deg || fix.accuracy_m || fix.altitude_m ||
               fix.battery_percent || fix.valid);
  EXPECT_EQ(fix.attributes_json, "");
}

TEST(OsmandFieldsTest, ACourseOfZeroCountsOnlyOfWhatMoves) {
  EXPECT_FALSE(Fields({{"bearing", "0"}, {"speed", "0"}}).fix.course_deg);
  EXPECT_FALSE(Fields({{"bearing", "0"}}).fix.course_deg);
  EXPECT_EQ(Fields({{"bearing", "0"}, {"speed", "5"}}).fix.course_deg, 0);
  EXPECT_EQ(Fields({{"bearing", "360"}, {"speed", "5"}}).fix.course_deg, 0);
  EXPECT_EQ(Fields({{"speed", "0"}}).fix.speed_mps, 0);
}

TEST(OsmandFieldsTest, ReadsEveryFormOfTime) {
  EXPECT_EQ(TimeOf("1763880000"), kNow);
  EXPECT_EQ(TimeOf("1763880000.25"), kNow + 250ms);
  EXPECT_EQ(TimeOf("1763880000250"), kNow + 250ms);
  EXPECT_EQ(TimeOf("2147483646"), WallTime(2147483646s));
  EXPECT_EQ(TimeOf("2147483647"), WallTime(2147483647ms));
  EXPECT_EQ(TimeOf("2025-11-23T06:40:00Z"), kNow);
  EXPECT_EQ(TimeOf("2025-11-23T07:40:00.500+01:00"), kNow + 500ms);
  EXPECT_EQ(TimeOf("2025-11-23T06:40:00"), kNow);
  EXPECT_EQ(TimeOf("2025-11-23 06:40:00"), kNow) << "without a zone it is UTC";
  EXPECT_EQ(TimeOf(""), kNow) << "the time of the server";
}

TEST(OsmandFieldsTest, ReadsAPlaceInOneParameter) {
  const Report report = Fields({{"deviceid", "x"}, {"location", "-33.8,151.2"}});
  EXPECT_EQ(report.fix.place.latitude, -33.8);
  EXPECT_EQ(report.fix.place.longitude, 151.2);
}

TEST(OsmandFieldsTest, WithoutAPlaceItIsASignOfLife) {
  const Report report = Fields({{"id", "x"}, {"batt", "7"}, {"alarm", "sos"}});
  EXPECT_FALSE(report.has_place);
  EXPECT_EQ(report.fix.battery_percent, 7);
  EXPECT_EQ(report.fix.attributes_json, R"({"alarm":"sos"})");
}

TEST(OsmandFieldsTest, LeavesSecretsAndNetworksOut) {
  const Report report = Fields({{"id", "x"}, {"token", "t"}, {"notificationToken", "n"},
                                {"wifi", "aa-bb-cc-dd-ee-ff,-60"}, {"cell", "262,1,2,3"},
                                {"driverUniqueId", "d7"}});
  EXPECT_EQ(report.fix.attributes_json, R"({"driver":"d7"})");
}

TEST(OsmandFieldsTest, SaysWhichFieldIsWrong) {
  EXPECT_EQ(Wrong({{"lat", "north"}, {"lon", "2"}}), "bad_message lat");
  EXPECT_EQ(Wrong({{"lat", "1"}}), "bad_message lon");
  EXPECT_EQ(Wrong({{"lon", "1"}}), "bad_message lat");
  EXPECT_EQ(Wrong({{"location", "1"}}), "bad_message location");
  EXPECT_EQ(Wrong({{"location", "1,x"}}), "bad_message location");
  EXPECT_EQ(Wrong({{"timestamp", "yesterday"}}), "bad_message timestamp");
  EXPECT_EQ(Wrong({{"timestamp", "-5"}}), "bad_message timestamp");
  EXPECT_EQ(Wrong({{"speed", "fast"}}), "bad_message speed");
  EXPECT_EQ(Wrong({{"id", std::string(129, 'x')}}), "bad_message id");
}

TEST(OsmandFieldsTest, IsBounded) {
  OsmandFields fields{{"long", std::string(5000, 'x')}, {"bad", "\xff"}, {"a", "1"}, {"a", "2"}};
  for (int i = 0; i < 500; ++i) fields.emplace_back("k" + std::to_string(i), "1");
  const std::string json = Fields(fields).fix.attributes_json;
  EXPECT_EQ(json.rfind(R"({"a":2,"k0":1,)", 0), 0u);
  EXPECT_EQ(std::count(json.begin(), json.end(), ':'), 64);
}

TEST(OsmandFieldsTest, TheAttributesTogetherAreBounded) {
  OsmandFields fields;
  for (int i = 0; i < 60; ++i) {
    // As JSON each of them is six times as long.
    fields.emplace_back("k" + std::to_string(i), std::string(500, '\x01'));
  }
  fields.emplace_back("last", "1");
  fields.emplace_back("k0", "2");
  const std::string json = Fields(fields).fix.attributes_json;
  EXPECT_LE(json.size(), 4'096u);
  EXPECT_EQ(json, R"({"k0":2,"last":1})") << "what is short has room, also in the place of another";
}

TEST(OsmandFieldsTest, TheAttributesMayTakeAllOfTheirRoom) {
  OsmandFields fields;
  for (int i = 0; i < 60; ++i) {
    fields.emplace_back("key" + std::to_string(i), std::string(100, 'x'));
  }
  const std::string json = Fields(fields).fix.attributes_json;
  EXPECT_LE(json.size(), 4'096u);
  EXPECT_GT(json.size(), 3'950u);
}

constexpr const char* kWhole = R"({
  "device_id": "phone-7",
  "location": {
    "timestamp": "2025-11-23T06:40:00.000Z",
    "coords": {"latitude": 52.5, "longitude": 13.25, "accuracy": 4.8, "speed": 1.5,
               "heading": 90, "altitude": 40},
    "is_moving": true, "odometer": 12345.6, "event": "motionchange", "mock": false,
    "activity": {"type": "walking"}, "battery": {"level": 0.81, "is_charging": false},
    "extras": {"shift": 3, "note": "ä", "nested": {"no": 1}}
  }, "alarm": "sos"})";

TEST(OsmandJsonTest, ReadsAWholeMessage) {
  const auto report = ReadOsmandJson(kWhole, kNow + 1h);
  ASSERT_TRUE(report) << report.error().detail;
  EXPECT_EQ(report->external_id, "phone-7");
  EXPECT_EQ(report->fix.fix_time, kNow);
  EXPECT_EQ(report->fix.place.longitude, 13.25);
  EXPECT_EQ(report->fix.speed_mps, 1.5) << "metres a second";
  EXPECT_EQ(report->fix.course_deg, 90);
  EXPECT_EQ(report->fix.accuracy_m, 4.8);
  EXPECT_EQ(report->fix.altitude_m, 40);
  EXPECT_EQ(report->fix.battery_percent, 81);
  EXPECT_EQ(report->fix.attributes_json,
            R"({"shift":3,"note":"ä","is_moving":true,"odometer":12345.6,"event":"motionchange",)"
            R"("mock":false,"alarm":"sos","activity":"walking","charging":false})");
}

TEST(OsmandJsonTest, ReadsTheFlatVariant) {
  const auto report = ReadOsmandJson(
      R"({"device_id":7,"location":{"latitude":1,"longitude":2,"timestamp":1763880000}})", kNow);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->external_id, "7");
  EXPECT_EQ(report->fix.place.latitude, 1);
  EXPECT_EQ(report->fix.fix_time, kNow);
}

TEST(OsmandJsonTest, NegativeIsUnknownAndNoPlaceIsASignOfLife) {
  const auto report = ReadOsmandJson(
      R"({"device_id":"x","location":{"coords":{"speed":-1,"heading":-1,"accuracy":-1},)"
      R"("battery":{"level":-1}}})",
      kNow);
  ASSERT_TRUE(report);
  EXPECT_FALSE(report->has_place);
  EXPECT_FALSE(report->fix.speed_mps || report->fix.course_deg || report->fix.accuracy_m ||
               report->fix.battery_percent);
  EXPECT_EQ(report->fix.fix_time, kNow);
}

TEST(OsmandJsonTest, SaysWhatIsWrong) {
  const auto wrong = [](const char* json) {
    auto report = ReadOsmandJson(json, kNow);
    return report ? std::string("fine") : report.error().code + " " + report.error().detail;
  };
  EXPECT_EQ(wrong("{").rfind("bad_json", 0), 0u);
  EXPECT_EQ(wrong("[]"), "bad_message the body is not an object");
  EXPECT_EQ(wrong(R"({"device_id":"x"})"), "bad_message location");
  EXPECT_EQ(wrong(R"({"device_id":[],"location":{}})"), "bad_message device_id");
  EXPECT_EQ(wrong(R"({"location":{"timestamp":"soon"}})"), "bad_message location.timestamp");
  EXPECT_EQ(wrong(R"({"location":{"coords":{"latitude":1}}})"),
            "bad_message location.coords.longitude");
  EXPECT_EQ(wrong(R"({"location":{"coords":{"latitude":"1","longitude":2}}})"),
            "bad_message location.coords.latitude");
}

}  // namespace
}  // namespace trackwire::formats
