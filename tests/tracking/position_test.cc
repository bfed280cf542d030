#include "tracking/position.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace trackwire::tracking {
namespace {

using namespace std::chrono_literals;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};

Fix SomeFix() {
  Fix fix;
  fix.place = {33.60716, -117.91483};
  fix.fix_time = kNow;
  return fix;
}

std::string CodeOf(const Fix& fix) {
  const auto checked = CheckFix(fix, kNow, 2min);
  return checked ? "fine" : checked.error().code + " " + checked.error().detail;
}

TEST(IdTest, KeepsItsType) {
  EXPECT_EQ(Id::FromJson("7")->ToJson(), "7");
  EXPECT_EQ(Id::FromJson("\"7\"")->ToJson(), "\"7\"");
  EXPECT_NE(Id::FromJson("7"), Id::FromJson("\"7\""));
  EXPECT_EQ(Id::FromJson("\"a\\u0062\"")->ToText(), "ab");
  EXPECT_EQ(Id::FromJson("-3")->ToText(), "-3");
}

TEST(IdTest, RefusesWhatIsNoId) {
  for (const char* text : {"", "null", "1.5", "\"\"", "[1]", "{}", "true", "1e300", "7 8"}) {
    EXPECT_FALSE(Id::FromJson(text)) << text;
  }
  EXPECT_TRUE(Id::FromJson("\"" + std::string(128, 'x') + "\""));
  EXPECT_FALSE(Id::FromJson("\"" + std::string(129, 'x') + "\""));
}

TEST(IdTest, WritesQuotesAsEscapes) { EXPECT_EQ(Id("a\"b").ToJson(), R"("a\"b")"); }

TEST(DistanceTest, AgreesWithKnownDistances) {
  EXPECT_NEAR(DistanceM({0, 0}, {0, 1}), 111'195, 1);
  EXPECT_NEAR(DistanceM({0, 179.5}, {0, -179.5}), 111'195, 1);
  EXPECT_NEAR(DistanceM({90, 10}, {-90, 50}), 20'015'115, 10);
  EXPECT_EQ(DistanceM({50, 5}, {50, 5}), 0);
}

TEST(CheckFixTest, TakesTheEdges) {
  Fix fix = SomeFix();
  EXPECT_EQ(CodeOf(fix), "fine");
  fix.place = {-90, 180};
  fix.course_deg = 0;
  fix.battery_percent = 100;
  fix.fix_time = kNow + 2min;
  EXPECT_EQ(CodeOf(fix), "fine");
}

TEST(CheckFixTest, RefusesWithTheField) {
  struct Case {
    std::function<void(Fix&)> spoil;
    const char* answer;
  };
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Case> cases = {
      {[](Fix& f) { f.place.latitude = 90.0001; }, "out_of_range latitude"},
      {[](Fix& f) { f.place.longitude = -180.0001; }, "out_of_range longitude"},
      {[&](Fix& f) { f.place.latitude = nan; }, "not_finite latitude"},
      {[](Fix& f) { f.altitude_m = INFINITY; }, "not_finite altitude"},
      {[](Fix& f) { f.accuracy_m = -1; }, "out_of_range accuracy"},
      {[](Fix& f) { f.speed_mps = -0.1; }, "out_of_range speed"},
      {[](Fix& f) { f.course_deg = 360; }, "out_of_range course"},
      {[](Fix& f) { f.heading_deg = 511; }, "out_of_range heading"},
      {[](Fix& f) { f.battery_percent = 101; }, "out_of_range battery_level"},
      {[](Fix& f) { f.fix_time = WallTime{}; }, "missing_fix_time fix_time"},
      {[](Fix& f) { f.fix_time = kNow + 2min + 1ms; }, "future_fix_time fix_time"},
  };
  for (const Case& c : cases) {
    Fix fix = SomeFix();
    c.spoil(fix);
    EXPECT_EQ(CodeOf(fix), c.answer);
  }
}

TEST(PositionJsonTest, LeavesOutWhatIsUnknown) {
  const Position position{Id("a"), SomeFix(), kNow, Motion::kUnknown};
  EXPECT_EQ(ToJson(position, false),
            R"({"latitude":33.60716,"longitude":-117.91483,"fix_time":"2023-11-14T22:13:20.000Z",)"
            R"("received_at":"2023-11-14T22:13:20.000Z","motion":"unknown"})");
}

TEST(PositionJsonTest, WritesEveryField) {
  Fix fix = SomeFix();
  fix.place = {1.123456789, -0.00000001};
  fix.altitude_m = 34.5;
  fix.accuracy_m = 8;
  fix.speed_mps = 3.29244444;
  fix.course_deg = 280;
  fix.heading_deg = 12.5;
  fix.battery_percent = 80;
  fix.valid = false;
  fix.source = "replay:x";
  fix.attributes_json = R"({"a":1})";
  EXPECT_EQ(ToJson({Id(int64_t{7}), fix, kNow + 5ms, Motion::kMoving}, true),
            R"({"tracker_id":7,"latitude":1.1234568,"longitude":0,"altitude":34.5,"accuracy":8,)"
            R"("speed":3.292,"course":280,"heading":12.5,"fix_time":"2023-11-14T22:13:20.000Z",)"
            R"("received_at":"2023-11-14T22:13:20.005Z","valid":false,"battery_level":80,)"
            R"("motion":"moving","source":"replay:x","attributes":{"a":1}})");
}

TEST(PositionTest, PrintsNoDirectionOf360) {
  EXPECT_EQ(PrintedAngle(359.996), 0);
  EXPECT_EQ(PrintedAngle(359.99), 359.99);
  EXPECT_FALSE(PrintedAngle(std::nullopt));
  Position position;
  position.fix.course_deg = 359.999;
  EXPECT_NE(ToJson(position, false).find("\"course\":0,"), std::string::npos);
}

}  // namespace
}  // namespace trackwire::tracking
