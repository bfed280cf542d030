#include "formats/track_writer.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "formats/csv_cell.h"
#include "formats/id_text.h"
#include "formats/xml_text.h"

namespace trackwire::formats {
namespace {

using namespace std::chrono_literals;
using tracking::Id;
using tracking::Position;

const WallTime kNoon{std::chrono::milliseconds(1'771'848'000'250)};  // 2026-02-23T12:00:00.250Z

Position Bare(WallTime time, double latitude = 52.5, double longitude = 13.25) {
  Position position;
  position.tracker_id = Id("van");
  position.fix.place = {latitude, longitude};
  position.fix.fix_time = time;
  position.received_at = time + 1s;
  return position;
}

Position Full() {
  Position position = Bare(kNoon, -33.123456789, 151.2);
  tracking::Fix& fix = position.fix;
  fix.altitude_m = 12.345;
  fix.accuracy_m = 5;
  fix.speed_mps = 6.32774;
  fix.course_deg = 87.6;
  fix.heading_deg = 0;
  fix.battery_percent = 81.25;
  fix.valid = true;
  fix.source = "push:osmand";
  fix.attributes_json = R"({"note":"a, \"b\""})";
  position.motion = tracking::Motion::kMoving;
  return position;
}

/// The document about one tracker.
std::string Written(TrackFormat format, const std::vector<Position>& positions,
                    const std::string& name = "", WriterOptions options = {}) {
  auto writer = MakeTrackWriter(format, options);
  std::string out;
  writer->Begin(out);
  writer->StartTrack(out, positions.front().tracker_id, name);
  for (const Position& position : positions) writer->Add(out, position);
  writer->End(out);
  return out;
}

size_t Count(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (size_t at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(TrackFormatTest, IsNamedByAWord) {
  EXPECT_EQ(ParseTrackFormat("csv"), TrackFormat::kCsv);
  EXPECT_EQ(ParseTrackFormat("geojson"), TrackFormat::kGeoJson);
  EXPECT_EQ(ParseTrackFormat("gpx"), TrackFormat::kGpx);
  EXPECT_FALSE(ParseTrackFormat("GPX"));
  EXPECT_FALSE(ParseTrackFormat(""));
}

TEST(CsvWriterTest, WritesEveryFieldInItsColumn) {
  EXPECT_EQ(Written(TrackFormat::kCsv, {Full(), Bare(kNoon + 10s)}, "Van, red"),
            "tracker_id,name,fix_time,latitude,longitude,altitude,accuracy,speed,course,heading,"
            "valid,battery_level,motion,source,received_at,attributes\r\n"
            "van,\"Van, red\",2026-02-23T12:00:00.250Z,-33.1234568,151.2,12.35,5,6.328,87.6,0,true,"
            "81.3,moving,push:osmand,2026-02-23T12:00:01.250Z,\"{\"\"note\"\":\"\"a, "
            "\\\"\"b\\\"\"\"\"}\"\r\n"
            "van,\"Van, red\",2026-02-23T12:00:10.250Z,52.5,13.25,,,,,,,,,,"
            "2026-02-23T12:00:11.250Z,\r\n");
}

TEST(CsvWriterTest, NoNameRunsAsAFormula) {
  const std::pair<const char*, const char*> cases[] = {
      {"=1+1", "'=1+1"},
      {"+1", "'+1"},
      {"-2+3", "'-2+3"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", "'\t=1"},
      {"'=1", "''=1"},
      {"=\"a\",b", "\"'=\"\"a\"\",b\""},
      {"O'Hara", "O'Hara"},
      {"'t Hooft", "''t Hooft"},
      {"", ""},
      {"\r\n=1", "\"'\r\n=1\""},
  };
  for (const auto& [text, cell] : cases) {
    std::string out;
    AppendCsvText(out, text);
    EXPECT_EQ(out, cell);
  }
  EXPECT_EQ(CsvText("'=1+1"), "=1+1");
  EXPECT_EQ(CsvText("''t Hooft"), "'t Hooft");
  EXPECT_EQ(CsvText("'t Hooft"), "'t Hooft") << "by others";
  EXPECT_EQ(CsvText("'"), "'");
}

TEST(IdTextTest, TellsNumbersFromTexts) {
  const std::pair<Id, const char*> cases[] = {
      {Id(int64_t{7}), "7"},       {Id("7"), "\"7\""},       {Id(int64_t{-7}), "-7"},
      {Id("van"), "van"},          {Id(" van"), "\" van\""}, {Id("a\nb"), "\"a\\nb\""},
      {Id("\"q\""), R"("\"q\"")"}, {Id("007"), "007"},       {Id("1.5"), "1.5"},
  };
  for (const auto& [id, text] : cases) {
    EXPECT_EQ(IdText(id), text);
    EXPECT_EQ(ParseIdText(text), id) << text;
  }
  for (const char* none : {"", "  ", "\"", "\"\"", "\"a\"b", "\xff"}) {
    EXPECT_FALSE(ParseIdText(none)) << none;
  }
  EXPECT_FALSE(ParseIdText(std::string(129, 'x')));
}

TEST(GpxWriterTest, WritesSpeedAndCourseWhereDevicesDo) {
  const std::string gpx = Written(TrackFormat::kGpx, {Full()}, "A & B <1>");
  EXPECT_NE(gpx.find("<trk><name>A &amp; B &lt;1&gt;</name><extensions>"
                     "<tw:tracker_id>van</tw:tracker_id></extensions>"),
            gpx.npos)
      << gpx;
  EXPECT_NE(gpx.find("<trkpt lat=\"-33.1234568\" lon=\"151.2\"><ele>12.35</ele>"
                     "<time>2026-02-23T12:00:00.250Z</time><extensions>"
                     "<gpxtpx:TrackPointExtension><gpxtpx:speed>6.328</gpxtpx:speed>"
                     "<gpxtpx:course>87.6</gpxtpx:course></gpxtpx:TrackPointExtension>"),
            gpx.npos)
      << gpx;
  EXPECT_TRUE(gpx.ends_with("</trkseg>\n</trk>\n</gpx>\n"));
}

TEST(GpxWriterTest, SplitsSegmentsAtGaps) {
  const std::string gpx =
      Written(TrackFormat::kGpx, {Bare(kNoon), Bare(kNoon + 60s), Bare(kNoon + 121s), Bare(kNoon)},
              "", {.gap = 60s});
  EXPECT_EQ(Count(gpx, "<trkseg>"), 3u);
  EXPECT_EQ(Count(gpx, "</trkseg>"), 3u);
  EXPECT_EQ(Count(gpx, "<trk>"), 1u);
}

TEST(XmlTextTest, LeavesOutWhatXmlCannotCarry) {
  std::string out;
  AppendXmlText(out, "a\"\r\n\x01\xef\xbf\xbe\xef\xbf\xbdz\xef");
  EXPECT_EQ(out, "a&quot;&#13;&#10;\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef");
}

TEST(GeoJsonWriterTest, WritesPointsWithAllThatIsKnown) {
  const auto document = boost::json::parse(Written(TrackFormat::kGeoJson, {Full()}, "Van"));
  EXPECT_EQ(boost::json::serialize(document.at("features").at(0).at("geometry")),
            R"({"type":"Point","coordinates":[1.512E2,-3.31234568E1,1.235E1]})");
  const auto& properties = document.at("features").at(0).at("properties").as_object();
  EXPECT_EQ(properties.at("tracker_id"), "van");
  EXPECT_EQ(properties.at("name"), "Van");
  EXPECT_EQ(properties.at("fix_time"), "2026-02-23T12:00:00.250Z");
  EXPECT_EQ(properties.at("speed").to_number<double>(), 6.328);
  EXPECT_EQ(properties.at("attributes").at("note"), "a, \"b\"");
  EXPECT_FALSE(properties.contains("latitude"));
  EXPECT_FALSE(properties.contains("longitude"));
}

TEST(GeoJsonWriterTest, WritesLinesWithTimesSplitAtGapsAndAtTheirLimit) {
  const std::vector<Position> positions = {Bare(kNoon),          Bare(kNoon + 1s), Bare(kNoon + 2s),
                                           Bare(kNoon + 3s),     Bare(kNoon + 1h), Bare(kNoon + 2h),
                                           Bare(kNoon + 2h + 1s)};
  const auto document = boost::json::parse(Written(
      TrackFormat::kGeoJson, positions, "", {.gap = 60s, .lines = true, .max_line_points = 3}));
  std::string shape;
  for (const auto& feature : document.at("features").as_array()) {
    const auto& properties = feature.at("properties").as_object();
    const auto* times = properties.if_contains("coordTimes");
    shape += std::string(feature.at("geometry").at("type").as_string()) + " ";
    if (times != nullptr) {
      ASSERT_EQ(times->as_array().size(),
                feature.at("geometry").at("coordinates").as_array().size());
      shape += std::to_string(times->as_array().size()) + " ";
    }
  }
  EXPECT_EQ(shape, "LineString 3 Point Point LineString 2 ");
}

TEST(GeoJsonWriterTest, AnEmptyDocumentIsOne) {
  for (const bool lines : {false, true}) {
    auto writer = MakeTrackWriter(TrackFormat::kGeoJson, {.lines = lines});
    std::string out;
    writer->Begin(out);
    writer->StartTrack(out, Id(int64_t{7}), "");
    writer->End(out);
    EXPECT_TRUE(boost::json::parse(out).at("features").as_array().empty());
  }
}

TEST(TrackWriterTest, KeepsTrackersApart) {
  for (const TrackFormat format : {TrackFormat::kCsv, TrackFormat::kGpx, TrackFormat::kGeoJson}) {
    auto writer = MakeTrackWriter(format, {.lines = true});
    std::string out;
    writer->Begin(out);
    for (const Id& id : {Id("a"), Id("b")}) {
      writer->StartTrack(out, id, "");
      writer->Add(out, Bare(kNoon));
      writer->Add(out, Bare(kNoon + 1s));
    }
    writer->End(out);
    switch (format) {
      case TrackFormat::kCsv:
        EXPECT_EQ(Count(out, "\r\na,"), 2u);
        EXPECT_EQ(Count(out, "\r\nb,"), 2u);
        break;
      case TrackFormat::kGpx:
        EXPECT_EQ(Count(out, "<trk>"), 2u);
        EXPECT_EQ(Count(out, ">b<"), 1u);
        break;
      case TrackFormat::kGeoJson:
        EXPECT_EQ(Count(out, "LineString"), 2u);
        EXPECT_EQ(Count(out, "\"b\""), 1u);
        break;
    }
  }
}

}  // namespace
}  // namespace trackwire::formats
