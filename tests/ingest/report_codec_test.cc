#include "ingest/report_codec.h"

#include <gtest/gtest.h>

namespace trackwire::ingest {
namespace {

using tracking::Id;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'123)};

TEST(ReportCodecTest, BringsBackWhatWasWritten) {
  FixReport whole;
  whole.tracker_id = Id(int64_t{7});
  whole.received_at = kNow;
  whole.pushed = true;
  whole.is_ping = true;
  whole.last_will = true;
  whole.fix.place = {52.123456789, -13.000000001};
  whole.fix.fix_time = kNow - std::chrono::milliseconds(7);
  whole.fix.altitude_m = -3.5;
  whole.fix.accuracy_m = 4;
  whole.fix.speed_mps = 1e-9;
  whole.fix.course_deg = 359.99;
  whole.fix.heading_deg = 0;
  whole.fix.battery_percent = 100;
  whole.fix.valid = false;
  whole.fix.source = "push:os\"mand";
  whole.fix.attributes_json = R"({"a":"\u0000","b":1})";
  FixReport bare;
  bare.tracker_id = Id("7");
  bare.received_at = kNow;
  bare.has_place = false;
  auto read = DecodeReports(EncodeReports({whole, bare}));
  ASSERT_TRUE(read) << read.error().detail;
  ASSERT_EQ(read->size(), 2u);
  const FixReport& first = (*read)[0];
  EXPECT_EQ(first.tracker_id, whole.tracker_id);
  EXPECT_EQ(first.received_at, whole.received_at);
  EXPECT_TRUE(first.pushed && first.is_ping && first.has_place && first.last_will);
  EXPECT_EQ(first.fix.place.latitude, whole.fix.place.latitude);
  EXPECT_EQ(first.fix.place.longitude, whole.fix.place.longitude);
  EXPECT_EQ(first.fix.fix_time, whole.fix.fix_time);
  EXPECT_EQ(first.fix.altitude_m, whole.fix.altitude_m);
  EXPECT_EQ(first.fix.accuracy_m, whole.fix.accuracy_m);
  EXPECT_EQ(first.fix.speed_mps, whole.fix.speed_mps);
  EXPECT_EQ(first.fix.course_deg, whole.fix.course_deg);
  EXPECT_EQ(first.fix.heading_deg, whole.fix.heading_deg);
  EXPECT_EQ(first.fix.battery_percent, whole.fix.battery_percent);
  EXPECT_EQ(first.fix.valid, whole.fix.valid);
  EXPECT_EQ(first.fix.source, whole.fix.source);
  EXPECT_EQ(first.fix.attributes_json, whole.fix.attributes_json);
  const FixReport& second = (*read)[1];
  EXPECT_EQ(second.tracker_id, Id("7"));
  EXPECT_FALSE(second.has_place || second.is_ping || second.last_will);
  EXPECT_FALSE(second.fix.speed_mps || second.fix.valid);
  EXPECT_EQ(second.fix.attributes_json, "");
}

TEST(ReportCodecTest, RefusesWhatItDidNotWrite) {
  EXPECT_TRUE(DecodeReports("[]")->empty());
  EXPECT_EQ(DecodeReports("").error().code, "bad_json");
  EXPECT_EQ(DecodeReports("{}").error().code, "bad_report");
  EXPECT_EQ(DecodeReports("[7]").error().code, "bad_report");
  EXPECT_EQ(DecodeReports(R"([{"tracker":"a","received_at":1}])").error().code, "bad_report");
  EXPECT_EQ(DecodeReports(R"([{"tracker":"","received_at":1,"fix_time":1}])").error().code,
            "bad_report");
}

}  // namespace
}  // namespace trackwire::ingest
