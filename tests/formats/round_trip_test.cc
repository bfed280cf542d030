// What the writers write, the readers read back.
#include <cmath>
#include <random>

#include "formats/track_writer.h"
#include "tests/formats/read_all.h"

namespace trackwire::formats {
namespace {

using tracking::Id;
using tracking::Position;

/// Positions with everything that a position may have, rounded as they are printed.
class AnyPosition {
 public:
  explicit AnyPosition(uint32_t seed) : random_(seed) {}

  Id AnyId() {
    if (Chance(2)) return Id(static_cast<int64_t>(random_()) - 1'000'000);
    static const std::vector<std::string> texts = {
        "van", "7",     "=1+1", "a,b",  "\"q\"",
        " x ", "-5",    "a\nb", "<&>'", "\xc3\xa9\xf0\x9f\x9a\x90",
        "'x",  "@home", "1e5",  "true", "a\x01z",
        "\t="};
    return Id(texts[random_() % texts.size()]);
  }
  std::string AnyText() {
    static const std::vector<std::string> texts = {"",
                                                   "Van 7",
                                                   "=HYPERLINK(\"x\")",
                                                   "a, \"b\"",
                                                   "O'Hara & <Sons>",
                                                   "two\r\nlines\tand tab",
                                                   "\xe6\xbc\xa2",
                                                   "'quoted'",
                                                   "+49",
                                                   "]]>"};
    return texts[random_() % texts.size()];
  }
  Position Next(const Id& id) {
    time_ += std::chrono::milliseconds(1 + random_() % 2'000'000);
    Position position;
    position.tracker_id = id;
    tracking::Fix& fix = position.fix;
    fix.fix_time = time_;
    fix.place = {Number(-90, 90, 1e7), Number(-180, 180, 1e7)};
    fix.altitude_m = Maybe(-400, 9'000, 100);
    fix.accuracy_m = Maybe(0, 500, 100);
    fix.speed_mps = Maybe(0, 100, 1000);
    fix.course_deg = Maybe(0, 359.9, 100);
    fix.heading_deg = Maybe(0, 359.9, 100);
    fix.battery_percent = Maybe(0, 100, 10);
    if (Chance(2)) fix.valid = Chance(2);
    fix.source = AnyText();
    if (Chance(3)) fix.attributes_json = R"({"a":"=1, \"2\"\u0001<]]>","b":-1.5,"c":true})";
    position.motion = static_cast<tracking::Motion>(random_() % 3);
    position.received_at = time_ + std::chrono::milliseconds(random_() % 5'000);
    return position;
  }
  bool Chance(uint32_t of) { return random_() % of == 0; }

 private:
  double Number(double least, double most, double steps) {
    const double value = std::uniform_real_distribution<double>(least, most)(random_);
    return std::round(value * steps) / steps;
  }
  std::optional<double> Maybe(double least, double most, double steps) {
    if (Chance(2)) return std::nullopt;
    return Number(least, most, steps);
  }

  std::mt19937 random_;
  WallTime time_{std::chrono::milliseconds(1'771'848'000'000)};
};

void ExpectSame(const FilePoint& read, const Position& written, bool all) {
  const tracking::Fix& a = read.report.fix;
  const tracking::Fix& b = written.fix;
  ASSERT_TRUE(read.id);
  EXPECT_EQ(*read.id, written.tracker_id);
  ASSERT_TRUE(read.has_time);
  EXPECT_EQ(a.fix_time, b.fix_time);
  EXPECT_EQ(a.place.latitude, b.place.latitude);
  EXPECT_EQ(a.place.longitude, b.place.longitude);
  EXPECT_EQ(a.altitude_m, b.altitude_m);
  if (!all) return;
  EXPECT_EQ(a.accuracy_m, b.accuracy_m);
  EXPECT_EQ(a.speed_mps, b.speed_mps);
  EXPECT_EQ(a.course_deg, b.course_deg);
  EXPECT_EQ(a.heading_deg, b.heading_deg);
  EXPECT_EQ(a.battery_percent, b.battery_percent);
  EXPECT_EQ(a.valid, b.valid);
  EXPECT_EQ(a.source, b.source);
  EXPECT_EQ(a.attributes_json, b.attributes_json);
  EXPECT_EQ(read.motion, written.motion);
  EXPECT_EQ(read.received_at, written.received_at);
}

struct Case {
  TrackFormat written;
  FileFormat read;
  bool lines;
};

class RoundTripTest : public testing::TestWithParam<Case> {};

TEST_P(RoundTripTest, GivesBackWhatWasWritten) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    AnyPosition any(seed);
    auto writer = MakeTrackWriter(GetParam().written, {.lines = GetParam().lines});
    std::string document;
    std::vector<std::pair<Position, std::string>> written;
    writer->Begin(document);
    for (uint32_t track = 0; track < seed % 5; ++track) {
      const Id id = any.AnyId();
      const std::string name = any.AnyText();
      writer->StartTrack(document, id, name);
      for (uint32_t i = 0; i < seed % 11; ++i) {
        written.emplace_back(any.Next(id), name);
        writer->Add(document, written.back().first);
      }
    }
    writer->End(document);
    const WholeFile file = ReadAll(GetParam().read, document, 1 + seed * 7);
    ASSERT_EQ(file.error, "") << document;
    ASSERT_EQ(file.bad.size(), 0u) << document;
    ASSERT_EQ(file.points.size(), written.size()) << document;
    for (size_t i = 0; i < written.size(); ++i) {
      ExpectSame(file.points[i], written[i].first, !GetParam().lines);
      EXPECT_EQ(file.points[i].report.name, written[i].second);
      ASSERT_FALSE(HasFailure()) << document;
    }
  }
}

std::string NameOf(const testing::TestParamInfo<Case>& info) {
  static const char* const names[] = {"Csv", "Gpx", "GeoJsonPoints", "GeoJsonLines"};
  return names[info.index];
}

INSTANTIATE_TEST_SUITE_P(AllFormats, RoundTripTest,
                         testing::Values(Case{TrackFormat::kCsv, FileFormat::kCsv, false},
                                         Case{TrackFormat::kGpx, FileFormat::kGpx, false},
                                         Case{TrackFormat::kGeoJson, FileFormat::kGeoJson, false},
                                         Case{TrackFormat::kGeoJson, FileFormat::kGeoJson, true}),
                         NameOf);

}  // namespace
}  // namespace trackwire::formats
