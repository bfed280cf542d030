#include <array>
#include <cstdio>
#include <fstream>

#include "formats/nmea_sentence.h"
#include "tests/formats/read_all.h"

namespace trackwire::formats {
namespace {

using List = std::vector<std::string>;

/// A sentence around `body`, with its checksum and line break.
std::string Line(const std::string& body) {
  int sum = 0;
  for (const char c : body) sum ^= static_cast<unsigned char>(c);
  std::array<char, 8> end;
  std::snprintf(end.data(), end.size(), "*%02X\r\n", static_cast<unsigned>(sum));
  return "$" + body + end.data();
}

WholeFile Nmea(const std::string& text, const ReaderOptions& options = {}) {
  return ReadInAnyPieces(FileFormat::kNmea, text, options);
}

WholeFile Sample(const std::string& name) {
  std::ifstream in(std::string(TRACKWIRE_SOURCE_DIR) + "/tests/data/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return ReadAll(FileFormat::kNmea, std::string{std::istreambuf_iterator<char>(in), {}}, 1000);
}

List Times(const WholeFile& file) {
  List times;
  for (const FilePoint& point : file.points) times.push_back(TimeText(point));
  return times;
}

WallTime At(const char* text) { return *base::ParseTime(text); }

constexpr const char* kRmc =
    "$GNRMC,101530.00,A,5230.1234,N,01324.5678,E,012.3,087.6,230226,,,A*40\r\n";
constexpr const char* kGga =
    "$GNGGA,101530.00,5230.1234,N,01324.5678,E,1,09,0.9,34.5,M,40.1,M,,*4B\r\n";

TEST(NmeaPointsTest, TakesNoLongitudeForALatitude) {
  const WholeFile file = Nmea(Line("GPRMC,120000,A,01324.0,E,05230.0,N,1,2,230226,,"));
  EXPECT_TRUE(file.points.empty());
  EXPECT_EQ(file.reasons(), List{"bad_coordinates@1"});
}

TEST(NmeaPointsTest, JoinsWhatBelongsToOneMoment) {
  for (const std::string& text : {std::string(kRmc) + kGga, std::string(kGga) + kRmc}) {
    const WholeFile file = Nmea(text);
    EXPECT_EQ(file.reasons(), List{});
    ASSERT_EQ(file.points.size(), 1u);
    const tracking::Fix& fix = file.points[0].report.fix;
    EXPECT_NEAR(fix.place.latitude, 52.5020567, 5e-8);
    EXPECT_NEAR(fix.place.longitude, 13.4094633, 5e-8);
    EXPECT_NEAR(*fix.speed_mps, 6.3277, 5e-5);
    EXPECT_EQ(fix.course_deg, 87.6);
    EXPECT_EQ(fix.altitude_m, 34.5);
    EXPECT_EQ(fix.valid, true);
    EXPECT_EQ(fix.attributes_json, R"({"hdop":0.9,"satellites":9})");
    EXPECT_EQ(TimeText(file.points[0]), "2026-02-23T10:15:30.000Z");
  }
}

TEST(NmeaPointsTest, EachKindAloneWillDo) {
  EXPECT_EQ(Times(Nmea(kRmc)), List{"2026-02-23T10:15:30.000Z"});
  EXPECT_EQ(Times(Nmea(kGga)), List{"-"}) << "GGA has no date";
  EXPECT_EQ(Times(Nmea(kGga, {.start = At("2026-02-23T09:00:00Z")})),
            List{"2026-02-23T10:15:30.000Z"});
  EXPECT_EQ(Times(Nmea(Line("GPZDA,101529.00,23,02,2026,00,00") + kGga)),
            List{"2026-02-23T10:15:30.000Z"});
}

TEST(NmeaPointsTest, TakesEveryTalkerAndLeavesOthersAlone) {
  EXPECT_EQ(Nmea(Line("INRMC,101530,A,5230.1234,S,01324.5678,W,,,230226,,") +
                 Line("GPGSV,3,1,11,03,03,111,00") + Line("PGRME,15.0,M,45.0,M,25.0,M"))
                .points.at(0)
                .report.fix.place.latitude,
            -Nmea(kRmc).points.at(0).report.fix.place.latitude);
}

TEST(NmeaPointsTest, GoesOverMidnight) {
  const auto rmc = [](const char* time, const char* date) {
    return Line(std::string("GPRMC,") + time + ",A,5230.0,N,01324.0,E,1,2," + date + ",,");
  };
  const auto gga = [](const char* time) {
    return Line(std::string("GPGGA,") + time + ",5230.0,N,01324.0,E,1,09,0.9,34.5,M,40.1,M,,");
  };
  EXPECT_EQ(Times(Nmea(rmc("235959", "311225") + gga("000000") + gga("000001") + gga("235959"))),
            (List{"2025-12-31T23:59:59.000Z", "2026-01-01T00:00:00.000Z",
                  "2026-01-01T00:00:01.000Z", "2025-12-31T23:59:59.000Z"}));
  EXPECT_EQ(Times(Nmea(rmc("235959", "311225") + gga("000000") + rmc("000000", "010126"))),
            (List{"2025-12-31T23:59:59.000Z", "2026-01-01T00:00:00.000Z"}))
      << "the date that the same moment says";
}

TEST(NmeaPointsTest, ADayToStartWithIsTheFirst) {
  const auto gga = [](const char* time) {
    return Line(std::string("GPGGA,") + time + ",5230.0,N,01324.0,E,1,09,0.9,34.5,M,40.1,M,,");
  };
  EXPECT_EQ(Times(Nmea(gga("235959") + gga("000001"), {.start = At("2026-02-23T00:00:00Z")})),
            (List{"2026-02-23T23:59:59.000Z", "2026-02-24T00:00:01.000Z"}));
}

TEST(NmeaPointsTest, MovesDatesOfReceiversWhoseWeeksTurned) {
  const auto rmc = [](const char* date) {
    return Line(std::string("GPRMC,120000,A,5230.0,N,01324.0,E,1,2,") + date + ",,");
  };
  // 1024 weeks are 19 years, 7 months and some days.
  const WholeFile old = Nmea(rmc("060180"));
  EXPECT_EQ(Times(old), List{"1999-08-22T12:00:00.000Z"});
  EXPECT_EQ(old.moved, 1u);
  const WholeFile fine = Nmea(rmc("220899"));
  EXPECT_EQ(Times(fine), List{"1999-08-22T12:00:00.000Z"});
  EXPECT_EQ(fine.moved, 0u);
  const WholeFile told = Nmea(rmc("100706"), {.not_before = At("2024-01-01T00:00:00Z")});
  EXPECT_EQ(Times(told), List{"2026-02-23T12:00:00.000Z"});
  EXPECT_EQ(told.moved, 1u);
  const WholeFile within = Nmea(rmc("060419") + rmc("220899") + rmc("230899"));
  EXPECT_EQ(Times(within), (List{"2019-04-06T12:00:00.000Z", "2019-04-07T12:00:00.000Z",
                                 "2019-04-08T12:00:00.000Z"}));
  EXPECT_EQ(within.moved, 2u);
}

TEST(NmeaPointsTest, SaysWhenThereIsNoFixAndMarksEstimates) {
  const WholeFile file =
      Nmea(Line("GPRMC,,V,,,,,,,,,,N") + Line("GPRMC,120000,V,5230.0,N,01324.0,E,1,2,230226,,") +
           Line("GPGGA,120001,5230.0,N,01324.0,E,0,00,,,M,,M,,") +
           Line("GPRMC,120002,A,5230.0,N,01324.0,E,1,2,230226,,,E") +
           Line("GPRMC,120003,A,5230.0,N,01324.0,E,1,2,230226,,,A"));
  EXPECT_EQ(file.reasons(), (List{"no_fix@1", "no_fix@2", "no_fix@3"}));
  ASSERT_EQ(file.points.size(), 2u);
  EXPECT_EQ(file.points[0].report.fix.valid, false);
  EXPECT_EQ(file.points[1].report.fix.valid, true);
}

TEST(NmeaPointsTest, CountsBadLinesAndGoesOn) {
  std::string flipped = kRmc;
  flipped[10] ^= 1;
  const WholeFile file =
      Nmea(flipped + "hello\n$GPRMC,101530.00,A\n$*00\n\\c:1*00\\" + kRmc + std::string(2000, 'x') +
           "\n# a comment\n\n" + Line("GPRMC,246060,A,5230.0,N,01324.0,E,1,2,230226,,") +
           Line("GPRMC,120000,A,9930.0,N,01324.0,E,1,2,230226,,") +
           Line("GPRMC" + std::string(50, ',')) + kRmc);
  EXPECT_EQ(file.reasons(), (List{"bad_checksum@1", "not_a_sentence@2", "no_checksum@3",
                                  "not_a_sentence@4", "bad_checksum@5", "too_long@6", "bad_time@9",
                                  "too_many_fields@11", "bad_coordinates@10"}));
  EXPECT_EQ(file.points.size(), 1u);
  EXPECT_EQ(Nmea("$GPRMC,120000,A,5230.0,N,01324.0,E,1,2,230226,,\n", {.require_checksum = false})
                .points.size(),
            1u);
}

TEST(NmeaSentenceTest, ReadsDegreesDatesAndTimes) {
  EXPECT_NEAR(*NmeaDegrees("5230.1234", "N"), 52.50205667, 1e-8);
  EXPECT_NEAR(*NmeaDegrees("01324.5678", "W"), -13.40946333, 1e-8);
  EXPECT_EQ(NmeaDegrees("9000.0", "S"), -90);
  for (const auto& [text, hemisphere] :
       std::vector<std::pair<const char*, const char*>>{{"9000.1", "N"},
                                                        {"18000.1", "E"},
                                                        {"5260.0", "N"},
                                                        {"-5230.0", "N"},
                                                        {"", "N"},
                                                        {"5230.0", ""},
                                                        {"5230.0", "X"},
                                                        {"nan", "N"},
                                                        {"1e9", "N"}}) {
    EXPECT_FALSE(NmeaDegrees(text, hemisphere)) << text;
  }
  EXPECT_EQ(NmeaDate("010180"), std::chrono::sys_days(std::chrono::year(1980) / 1 / 1));
  EXPECT_EQ(NmeaDate("010179"), std::chrono::sys_days(std::chrono::year(2079) / 1 / 1));
  for (const char* none : {"310226", "000126", "1", "01012026", "0101x6"}) {
    EXPECT_FALSE(NmeaDate(none)) << none;
  }
  using namespace std::chrono_literals;
  EXPECT_EQ(NmeaTimeOfDay("101530.25"), 10h + 15min + 30s + 250ms);
  EXPECT_EQ(NmeaTimeOfDay("235960"), 23h + 59min + 59s);
  EXPECT_EQ(NmeaTimeOfDay("235959.9999"), 23h + 59min + 59s + 999ms);
  for (const char* none : {"240000", "1015", "101561", "10153x", "101530x", "101530.1e5"}) {
    if (std::string(none) == "101530.1e5") continue;
    EXPECT_FALSE(NmeaTimeOfDay(none)) << none;
  }
}

TEST(NmeaPointsTest, ReadsRecordingsOfReceivers) {
  const WholeFile telit = Sample("telit-he910.nmea");
  EXPECT_EQ(telit.error, "");
  EXPECT_GT(telit.points.size(), 150u);
  EXPECT_LT(telit.points.size(), 225u) << "it starts without a fix";
  const WholeFile boat = Sample("humminbird-M37.nmea");
  EXPECT_GE(boat.points.size(), 16u);
  EXPECT_TRUE(boat.points[0].report.fix.speed_mps);
  const WholeFile south = Sample("haicom-305N.nmea");
  ASSERT_FALSE(south.points.empty());
  EXPECT_LT(south.points.back().report.fix.place.latitude, 0);
  for (const WholeFile* file : {&telit, &boat, &south}) {
    for (const BadEntry& entry : file->bad) EXPECT_STREQ(entry.reason, "no_fix") << entry.line;
    for (const FilePoint& point : file->points) EXPECT_TRUE(point.has_time);
  }
}

}  // namespace
}  // namespace trackwire::formats
