#include "tests/formats/read_all.h"

namespace trackwire::formats {
namespace {

using List = std::vector<std::string>;
using tracking::Id;

TEST(CsvPointsTest, FindsTheColumnsByTheirNames) {
  const WholeFile file = ReadInAnyPieces(
      FileFormat::kCsv,
      "Timestamp,LAT,lng,Device_ID,speed,bearing,unheard-of\n"
      "1771848000,52.5,13.25,7,6.5,360,x\n1771848000250,52.5,13.25,van,,,\n"
      "2026-02-23 12:00:01,52.5,13.25,\"\"\"7\"\"\",fast,-3,\n,52.5,13.25,van,,,\n");
  EXPECT_EQ(file.reasons(), List{"bad_time@5"});
  EXPECT_EQ(file.error, "");
  ASSERT_EQ(file.points.size(), 3u);
  EXPECT_EQ(file.points[0].id, Id(int64_t{7}));
  EXPECT_EQ(file.points[0].report.fix.speed_mps, 6.5);
  EXPECT_EQ(file.points[0].report.fix.course_deg, 0);
  EXPECT_EQ(TimeText(file.points[0]), "2026-02-23T12:00:00.000Z");
  EXPECT_EQ(TimeText(file.points[1]), "2026-02-23T12:00:00.250Z");
  EXPECT_EQ(file.points[2].id, Id("7"));
  EXPECT_EQ(TimeText(file.points[2]), "2026-02-23T12:00:01.000Z");
  EXPECT_FALSE(file.points[2].report.fix.speed_mps || file.points[2].report.fix.course_deg);
  const WholeFile timeless = ReadInAnyPieces(FileFormat::kCsv, "lat,lon\n52.5,13.25\n");
  ASSERT_EQ(timeless.points.size(), 1u);
  EXPECT_EQ(TimeText(timeless.points[0]), "-");
  EXPECT_FALSE(timeless.points[0].id);
}

TEST(CsvPointsTest, ANumberOfTheRowIsNoTrackerWhereThereIsAVehicle) {
  const WholeFile file = ReadInAnyPieces(
      FileFormat::kCsv, "id,vehicle_id,time,lat,lon\n1,bus,2026-02-23T12:00:00Z,1,2\n");
  ASSERT_EQ(file.points.size(), 1u);
  EXPECT_EQ(file.points[0].id, Id("bus"));
}

TEST(CsvPointsTest, CountsBadRowsAndGoesOn) {
  const WholeFile file = ReadInAnyPieces(
      FileFormat::kCsv,
      "id,time,lat,lon\n,2026-02-23T12:00:00Z,1,2\na,noon,1,2\na,-5,1,2\na,2026-02-23T12:00:00Z,91,"
      "2\na,2026-02-23T12:00:00Z,1\na\"b,2026-02-23T12:00:00Z,1,2\na,2026-02-23T12:00:00Z,1,2\n");
  EXPECT_EQ(file.reasons(), (List{"bad_id@2", "bad_time@3", "bad_time@4", "bad_coordinates@5",
                                  "bad_coordinates@6", "bad_quotes_or_too_long@7"}));
  EXPECT_EQ(file.points.size(), 1u);
}

TEST(CsvPointsTest, SaysWhichColumnIsMissing) {
  EXPECT_EQ(ReadInAnyPieces(FileFormat::kCsv, "id,time,lat\n1,2,3\n").error, "missing_column");
  EXPECT_EQ(ReadInAnyPieces(FileFormat::kCsv, "").error, "missing_column");
  EXPECT_EQ(ReadInAnyPieces(FileFormat::kCsv, "MMSI,LAT\n", {.csv = *CsvPreset("ais-us")}).error,
            "missing_column");
  EXPECT_FALSE(CsvPreset("unheard-of"));
}

TEST(FileFormatTest, IsToldByTheName) {
  EXPECT_EQ(FileFormatOfPath("/x/a.b/track.GPX"), FileFormat::kGpx);
  EXPECT_EQ(FileFormatOfPath("track.csv.gz"), FileFormat::kCsv);
  EXPECT_EQ(FileFormatOfPath("a.json"), FileFormat::kGeoJson);
  EXPECT_EQ(FileFormatOfPath("a.nmea.gz"), FileFormat::kNmea);
  for (const char* none : {"", "csv", "a.txt", "a.gz", ".gz", "a.gpx.zip"}) {
    EXPECT_FALSE(FileFormatOfPath(none)) << none;
  }
  EXPECT_EQ(ParseFileFormat("nmea"), FileFormat::kNmea);
  EXPECT_FALSE(ParseFileFormat("NMEA"));
}

}  // namespace
}  // namespace trackwire::formats
