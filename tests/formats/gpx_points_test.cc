#include <fstream>

#include "tests/formats/read_all.h"

namespace trackwire::formats {
namespace {

using List = std::vector<std::string>;

WholeFile Gpx(const std::string& inner, const std::string& attributes = "version=\"1.1\"") {
  return ReadInAnyPieces(FileFormat::kGpx,
                         "<?xml version=\"1.0\"?>\n<gpx " + attributes + ">" + inner + "</gpx>");
}

WholeFile Sample(const std::string& name) {
  std::ifstream in(std::string(TRACKWIRE_SOURCE_DIR) + "/tests/data/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return ReadAll(FileFormat::kGpx, std::string{std::istreambuf_iterator<char>(in), {}}, 4096);
}

TEST(GpxPointsTest, ReadsTracksWithTheirSegments) {
  const WholeFile file = Gpx(
      "<trk><name>One &amp; only</name><trkseg>"
      "<trkpt lat=\"52.5\" lon=\"13.25\"><ele>34.5</ele><time>2026-02-23T12:00:00Z</time></trkpt>"
      "<trkpt lat='-52.5' lon='-13.25'><time>2026-02-23T13:00:10.250+01:00</time></trkpt></trkseg>"
      "<trkseg><trkpt lat=\"1\" lon=\"2\"/></trkseg></trk>"
      "<trk><trkseg><trkpt lat=\"3\" lon=\"4\"><time>2026-02-23T12:00:00</time></trkpt></trkseg>"
      "</trk>");
  EXPECT_EQ(file.error, "");
  EXPECT_EQ(file.reasons(), List{});
  ASSERT_EQ(file.points.size(), 4u);
  EXPECT_EQ(file.points[0].report.name, "One & only");
  EXPECT_EQ(file.points[0].report.fix.altitude_m, 34.5);
  EXPECT_EQ(TimeText(file.points[0]), "2026-02-23T12:00:00.000Z");
  EXPECT_EQ(TimeText(file.points[1]), "2026-02-23T12:00:10.250Z");
  EXPECT_EQ(file.points[1].report.fix.place.latitude, -52.5);
  EXPECT_EQ(TimeText(file.points[2]), "-") << "said, not made up";
  EXPECT_EQ(file.points[0].segment, file.points[1].segment);
  EXPECT_NE(file.points[1].segment, file.points[2].segment);
  EXPECT_EQ(file.points[2].track, 0u);
  EXPECT_EQ(file.points[3].track, 1u);
  EXPECT_EQ(file.points[3].report.name, "");
  EXPECT_EQ(TimeText(file.points[3]), "2026-02-23T12:00:00.000Z") << "no zone: UTC";
}

TEST(GpxPointsTest, TellsRoutesAndWaypointsFromTracks) {
  const WholeFile file =
      Gpx("<wpt lat=\"1\" lon=\"1\"><name>Harbour</name></wpt>"
          "<rte><name>Plan</name><rtept lat=\"2\" lon=\"2\"/></rte>"
          "<trk><trkseg><trkpt lat=\"3\" lon=\"3\"/></trkseg></trk><wpt lat=\"4\" lon=\"4\"/>");
  ASSERT_EQ(file.points.size(), 4u);
  EXPECT_EQ(file.points[0].kind, PointKind::kWaypoint);
  EXPECT_EQ(file.points[1].kind, PointKind::kRoute);
  EXPECT_EQ(file.points[1].report.name, "Plan");
  EXPECT_EQ(file.points[2].kind, PointKind::kTrack);
  EXPECT_EQ(file.points[3].track, file.points[0].track);
  EXPECT_NE(file.points[1].track, file.points[2].track);
}

TEST(GpxPointsTest, ReadsSpeedAndCourseOfBothVersions) {
  const WholeFile old =
      Gpx("<trk><trkseg><trkpt lat=\"1\" lon=\"2\"><course>360</course><speed>6.5</speed></trkpt>"
          "<trkpt lat=\"1\" lon=\"2\"><course>-1</course><speed>-1</speed></trkpt></trkseg></trk>",
          "version=\"1.0\" xmlns=\"http://www.topografix.com/GPX/1/0\"");
  ASSERT_EQ(old.points.size(), 2u);
  EXPECT_EQ(old.points[0].report.fix.speed_mps, 6.5);
  EXPECT_EQ(old.points[0].report.fix.course_deg, 0);
  EXPECT_FALSE(old.points[1].report.fix.speed_mps);
  EXPECT_FALSE(old.points[1].report.fix.course_deg);
  const WholeFile vendors = Gpx(
      "<trk><trkseg><trkpt lat=\"1\" lon=\"2\"><extensions><x:TrackPointExtension>"
      "<x:atemp>20</x:atemp><x:speed>7.5</x:speed><x:course>90</x:course></x:TrackPointExtension>"
      "</extensions></trkpt>"
      "<trkpt lat=\"1\" lon=\"2\"><extensions><speed>8.5</speed></extensions></trkpt>"
      "<trkpt lat=\"1\" lon=\"2\"><extensions><o:speed>9.5</o:speed></extensions></trkpt>"
      "<trkpt lat=\"1\" lon=\"2\"><extensions><k:speed>9.5</k:speed><k:more><speed>1</speed>"
      "</k:more></extensions></trkpt></trkseg></trk>",
      "xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:k=\"http://example.com/knots\" "
      "xmlns:o=\"https://osmand.net\" "
      "xmlns:x=\"http://www.garmin.com/xmlschemas/TrackPointExtension/v2\"");
  ASSERT_EQ(vendors.points.size(), 4u);
  EXPECT_EQ(vendors.points[0].report.fix.speed_mps, 7.5);
  EXPECT_EQ(vendors.points[0].report.fix.course_deg, 90);
  EXPECT_EQ(vendors.points[1].report.fix.speed_mps, 8.5);
  EXPECT_EQ(vendors.points[2].report.fix.speed_mps, 9.5);
  EXPECT_FALSE(vendors.points[3].report.fix.speed_mps) << "in a unit nobody knows";
}

TEST(GpxPointsTest, CountsBadPointsAndGoesOn) {
  const WholeFile file = Gpx(
      "<trk><trkseg><trkpt lat=\"91\" lon=\"2\"/>\n<trkpt lon=\"2\"/>\n<trkpt lat=\"x\" "
      "lon=\"2\"/>\n<trkpt lat=\"nan\" lon=\"2\"/>\n<trkpt lat=\"1\" lon=\"2\"><time>noon</time>"
      "</trkpt>\n<trkpt lat=\"1\" lon=\"2\"><time> </time></trkpt></trkseg></trk>");
  EXPECT_EQ(file.reasons(), (List{"bad_coordinates@2", "bad_coordinates@3", "bad_coordinates@4",
                                  "bad_coordinates@5", "bad_time@6"}));
  EXPECT_EQ(file.points.size(), 1u);
}

TEST(GpxPointsTest, RefusesWhatCouldBlowUp) {
  const auto error = [](const std::string& bytes) {
    return ReadInAnyPieces(FileFormat::kGpx, bytes).error;
  };
  EXPECT_EQ(error("<!DOCTYPE gpx [<!ENTITY a \"aaaa\">]><gpx>&a;</gpx>"), "forbidden_doctype");
  EXPECT_EQ(error("<!DOCTYPE gpx SYSTEM \"http://127.0.0.1/x.dtd\"><gpx/>"), "forbidden_doctype");
  EXPECT_EQ(error("<gpx>&a;</gpx>"), "bad_xml");
  std::string deep = "<gpx>";
  for (int i = 0; i < 40; ++i) deep += "<a>";
  EXPECT_EQ(error(deep), "too_deep");
  std::string attributes = "<gpx";
  for (int i = 0; i < 100; ++i) attributes += " a" + std::to_string(i) + "=\"\"";
  EXPECT_EQ(error(attributes + "/>"), "too_large");
  EXPECT_EQ(ReadAll(FileFormat::kGpx, "<gpx><trk><name>" + std::string(70'000, 'x')).error,
            "too_large");
  EXPECT_EQ(ReadAll(FileFormat::kGpx, "<gpx a=\"" + std::string(200'000, 'x')).error, "too_large");
  EXPECT_EQ(error("<kml/>"), "not_gpx");
  EXPECT_EQ(error(""), "bad_xml");
  EXPECT_EQ(error("\x1f\x8b"), "bad_xml");
}

TEST(GpxPointsTest, KeepsWhatCameBeforeTheFileWasCut) {
  const std::string whole =
      "<gpx><trk><trkseg><trkpt lat=\"1\" lon=\"2\"/><trkpt lat=\"3\" lon=\"4\"/></trkseg></trk>"
      "</gpx>";
  for (size_t size = 0; size < whole.size(); ++size) {
    const WholeFile cut = ReadAll(FileFormat::kGpx, whole.substr(0, size), 1);
    EXPECT_EQ(cut.error, "bad_xml");
    const size_t second = whole.find("<trkpt", 30);
    EXPECT_EQ(cut.points.size(), size < second                    ? 0u
                                 : size < whole.find("</trkseg>") ? 1u
                                                                  : 2u)
        << size;
  }
}

size_t TrackPoints(const WholeFile& file) {
  return static_cast<size_t>(
      std::count_if(file.points.begin(), file.points.end(),
                    [](const FilePoint& point) { return point.kind == PointKind::kTrack; }));
}

TEST(GpxPointsTest, ReadsRecordingsOfDevices) {
  const WholeFile lake = Sample("cerknicko-jezero.gpx");
  EXPECT_EQ(lake.error, "");
  EXPECT_EQ(TrackPoints(lake), 296u);
  EXPECT_EQ(lake.points.size(), 296u + 7);
  EXPECT_EQ(TimeText(lake.points[7]).substr(0, 16), "2010-08-05T14:23");
  const WholeFile hills = Sample("korita-zbevnica.gpx");
  EXPECT_EQ(TrackPoints(hills), 871u);
  EXPECT_EQ(std::count_if(hills.points.begin(), hills.points.end(),
                          [](const FilePoint& point) {
                            return point.has_time && point.kind == PointKind::kTrack;
                          }),
            513);
  const WholeFile car = Sample("around-visnjan-with-car.gpx");
  EXPECT_EQ(car.points.size(), 104u);
  EXPECT_EQ(TimeText(car.points.back()).substr(0, 16), "2020-12-18T06:24");
}

}  // namespace
}  // namespace trackwire::formats
