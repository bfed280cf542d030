#include "tests/formats/read_all.h"

namespace trackwire::formats {
namespace {

using List = std::vector<std::string>;
using tracking::Id;

WholeFile GeoJson(const std::string& text) { return ReadInAnyPieces(FileFormat::kGeoJson, text); }

std::string Collection(const std::string& features) {
  return R"({"type":"FeatureCollection","features":[)" + features + "]}";
}

TEST(GeoJsonPointsTest, ReadsPointsWithTheirProperties) {
  const WholeFile file = GeoJson(Collection(
      R"( {"type":"Feature","geometry":{"type":"Point","coordinates":[13.25,52.5,34.5]},
          "properties":{"device_id":"van","timestamp":"2026-02-23T12:00:00Z","speed":-1,
                        "name":"a ] , \" }","horizontal_accuracy":5}} ,
         {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},
          "properties":{"tracker_id":7,"time":1771848000}},
         {"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":null})"));
  EXPECT_EQ(file.error, "");
  EXPECT_EQ(file.reasons(), List{});
  ASSERT_EQ(file.points.size(), 3u);
  EXPECT_EQ(file.points[0].id, Id("van"));
  EXPECT_EQ(file.points[0].report.name, "a ] , \" }");
  EXPECT_EQ(file.points[0].report.fix.place.latitude, 52.5);
  EXPECT_EQ(file.points[0].report.fix.altitude_m, 34.5);
  EXPECT_EQ(file.points[0].report.fix.accuracy_m, 5);
  EXPECT_FALSE(file.points[0].report.fix.speed_mps);
  EXPECT_EQ(file.points[1].id, Id(int64_t{7}));
  EXPECT_EQ(TimeText(file.points[1]), "2026-02-23T12:00:00.000Z");
  EXPECT_EQ(TimeText(file.points[2]), "-");
}

TEST(GeoJsonPointsTest, ReadsLinesWithTimes) {
  const WholeFile file = GeoJson(Collection(
      R"({"type":"Feature","properties":{"coordTimes":["2026-02-23T12:00:00Z",null,"noon"]},
          "geometry":{"type":"LineString","coordinates":[[1,2],[3,4],[5,6],[7,8]]}},
         {"type":"Feature","properties":{"coordinateProperties":{"times":[["2026-02-23T12:00:00Z"],
           ["2026-02-23T12:00:01Z"]]}},
          "geometry":{"type":"MultiLineString","coordinates":[[[1,2]],[[3,4]]]}})"));
  List times;
  for (const FilePoint& point : file.points) times.push_back(TimeText(point));
  EXPECT_EQ(times, (List{"2026-02-23T12:00:00.000Z", "-", "-", "2026-02-23T12:00:00.000Z",
                         "2026-02-23T12:00:01.000Z"}));
  ASSERT_EQ(file.bad.size(), 1u);
  EXPECT_STREQ(file.bad[0].reason, "bad_time");
  EXPECT_NE(file.points[0].track, file.points[3].track);
  EXPECT_NE(file.points[3].segment, file.points[4].segment);
}

TEST(GeoJsonPointsTest, AttributesOfALineAreNotCopiedToItsPoints) {
  const std::string properties = R"("properties":{"name":"n","attributes":{"route":"12"}})";
  const WholeFile file = GeoJson(Collection(
      R"({"type":"Feature","geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]},)" +
      properties + R"(},{"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},)" +
      properties + "}"));
  ASSERT_EQ(file.points.size(), 3u);
  EXPECT_EQ(file.points[0].report.name, "n");
  EXPECT_EQ(file.points[0].report.fix.attributes_json, "");
  EXPECT_EQ(file.points[1].report.fix.attributes_json, "");
  EXPECT_EQ(file.points[2].report.fix.attributes_json, R"({"route":"12"})");
}

TEST(GeoJsonPointsTest, ReadsASingleFeatureOrGeometry) {
  EXPECT_EQ(GeoJson(R"({"type":"Point","coordinates":[1,2]})").points.size(), 1u);
  EXPECT_EQ(GeoJson(R"({"geometry":{"type":"Point","coordinates":[1,2]},"type":"Feature",
                        "properties":{"features":[1,2]}})")
                .points.size(),
            1u);
  EXPECT_EQ(GeoJson("\xef\xbb\xbf" + Collection("")).error, "");
  EXPECT_EQ(GeoJson(R"({"features":[],"type":"FeatureCollection","bbox":[1,2]})").error, "");
}

TEST(GeoJsonPointsTest, CountsBadFeaturesAndGoesOn) {
  const std::string good =
      R"({"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}})";
  const WholeFile file = GeoJson(Collection(
      R"(1, {"type":"Feature"}, {"type":"Feature","geometry":null},
         {"geometry":{"type":"Polygon","coordinates":[]}},
         {"geometry":{"type":"Point","coordinates":[1]}},
         {"geometry":{"type":"Point","coordinates":[181,2]}},
         {"geometry":{"type":"Point","coordinates":"x"}},
         {"geometry":{"type":"Point","coordinates":[1,2]},"properties":{"time":"noon"}}, {"a"},
         )" +
      good));
  EXPECT_EQ(file.points.size(), 1u);
  List reasons;
  for (const BadEntry& entry : file.bad) reasons.push_back(entry.reason);
  EXPECT_EQ(reasons,
            (List{"bad_feature", "bad_feature", "bad_feature", "bad_feature", "bad_coordinates",
                  "bad_coordinates", "bad_coordinates", "bad_time", "bad_feature"}));
}

TEST(GeoJsonPointsTest, RefusesWhatIsNone) {
  EXPECT_EQ(GeoJson("").error, "bad_json");
  EXPECT_EQ(GeoJson("[1]").error, "not_geojson");
  EXPECT_EQ(GeoJson(R"({"type":"Topology"})").error, "not_geojson");
  EXPECT_EQ(GeoJson(R"({"type":"FeatureCollection","features":[)").error, "bad_json");
  EXPECT_EQ(GeoJson(Collection(",")).error, "bad_json");
  EXPECT_EQ(GeoJson(Collection("{},")).error, "bad_json");
  EXPECT_EQ(GeoJson(Collection("") + "x").error, "bad_json");
  EXPECT_EQ(GeoJson(R"({"features":[],"features":[]})").error, "bad_json");
  EXPECT_EQ(ReadAll(FileFormat::kGeoJson, Collection("\"" + std::string(17'000'000, 'x'))).error,
            "too_large");
}

TEST(GeoJsonPointsTest, AnyCutEndsInAnError) {
  const std::string whole = Collection(
      R"({"type":"Feature","geometry":{"type":"Point","coordinates":[1,2]},"properties":{}})");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(ReadAll(FileFormat::kGeoJson, whole.substr(0, size), 1).error, "") << size;
  }
}

}  // namespace
}  // namespace trackwire::formats
