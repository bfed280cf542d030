#include "formats/json_mapping.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "formats/json_filter.h"
#include "formats/json_pointer.h"
#include "formats/time_pattern.h"

namespace trackwire::formats {
namespace {

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'500)};

JsonMapping Plain() {
  JsonMapping mapping;
  mapping.id = "/id";
  mapping.latitude = "/lat";
  mapping.longitude = "/lon";
  return mapping;
}

JsonItems Read(const JsonMapping& mapping, const std::string& document) {
  const auto mapper = JsonMapper::Make(mapping);
  EXPECT_TRUE(mapper) << mapper.error().detail;
  if (!mapper) return {};
  auto items = mapper->Read(document, kNow);
  EXPECT_TRUE(items) << items.error().code << " " << document;
  return items ? *items : JsonItems();
}

/// The only item of a document.
Report One(const JsonMapping& mapping, const std::string& document) {
  const JsonItems items = Read(mapping, document);
  EXPECT_EQ(items.reports.size(), 1u) << document << ": " << items.first_error;
  return items.reports.empty() ? Report() : items.reports[0];
}

std::string MakeError(const JsonMapping& mapping) {
  const auto mapper = JsonMapper::Make(mapping);
  return mapper ? "made" : mapper.error().code + " " + mapper.error().detail;
}

std::string Time(const Report& report) { return base::FormatTime(report.fix.fix_time); }

TEST(JsonPointerTest, FindsValues) {
  const auto root = base::ScanJson(
      R"({"a":[10,{"b":"c"}],"":1,"x/y":2,"t~":3,"a b":4,"~1":5,"k":{"k":{"k":6}}})");
  const std::map<std::string, std::string> found{
      {"/a/0", "10"}, {"/a/1/b", "\"c\""}, {"/", "1"},     {"/x~1y", "2"},
      {"/t~0", "3"},  {"/a b", "4"},       {"/~01", "5"},  {"/k/k/k", "6"}};
  for (const auto& [text, value] : found) {
    const auto pointer = JsonPointer::Parse(text);
    ASSERT_TRUE(pointer) << text;
    const auto at = pointer->Find(*root);
    ASSERT_TRUE(at) << text;
    EXPECT_EQ(at->text, value) << text;
  }
  for (const char* text : {"/b", "/a/2", "/a/-", "/a/01", "/a/x", "/a/0/0", "/a/-1", "/k/k/x"}) {
    EXPECT_FALSE(JsonPointer::Parse(text)->Find(*root)) << text;
  }
  EXPECT_EQ(JsonPointer::Parse("")->Find(*root)->text, root->text);
  for (const char* text : {"a", "a/b", "/~", "/~2", "#/a"}) {
    EXPECT_FALSE(JsonPointer::Parse(text)) << text;
  }
}

TEST(JsonMappingTest, ReadsItems) {
  JsonMapping mapping = Plain();
  mapping.items = "/data/list";
  mapping.name = "/label";
  mapping.category = "/kind";
  mapping.time = "/at";
  mapping.altitude = "/alt";
  mapping.accuracy = "/acc";
  mapping.speed = "/v";
  mapping.course = "/dir";
  mapping.heading = "/head";
  mapping.battery = "/batt";
  mapping.battery_scale = 100;
  mapping.valid = "/ok";
  mapping.attributes = {{"line", "/line"}, {"doors", "/open"}, {"list", "/list"}, {"none", "/none"}};
  const JsonItems items = Read(mapping,
      R"({"data":{"list":[{"id":"a","lat":52.5,"lon":"13.25","label":" Bus ","kind":"bus",)"
      R"("at":1700000000,"alt":12,"acc":5,"v":3,"dir":360,"head":12,"batt":0.5,"ok":true,)"
      R"("line":"M\u0032","open":false,"list":[1],"none":null},)"
      R"({"id":12,"lat":-1,"lon":2,"at":"2023-11-14T22:13:20Z"}]}})");
  ASSERT_EQ(items.reports.size(), 2u);
  const Report& bus = items.reports[0];
  EXPECT_EQ(bus.external_id, "a");
  EXPECT_EQ(bus.name, "Bus");
  EXPECT_EQ(bus.category, "bus");
  EXPECT_EQ(bus.fix.place.longitude, 13.25);
  EXPECT_EQ(Time(bus), "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(bus.fix.altitude_m, 12);
  EXPECT_EQ(bus.fix.accuracy_m, 5);
  EXPECT_EQ(bus.fix.speed_mps, 3);
  EXPECT_EQ(bus.fix.course_deg, 0);
  EXPECT_EQ(bus.fix.heading_deg, 12);
  EXPECT_EQ(bus.fix.battery_percent, 50);
  EXPECT_EQ(bus.fix.valid, true);
  EXPECT_EQ(bus.fix.attributes_json, R"({"line":"M2","doors":false})");
  EXPECT_EQ(items.reports[1].external_id, "12");
  EXPECT_EQ(Time(items.reports[1]), Time(bus));
  EXPECT_EQ(items.reports[1].fix.speed_mps, std::nullopt);
  EXPECT_EQ(items.reports[1].fix.attributes_json, "");
}

TEST(JsonMappingTest, ReadsListsObjectsAndSingleItems) {
  const std::string item = R"({"id":"a","lat":1,"lon":2})";
  JsonMapping mapping = Plain();
  EXPECT_EQ(One(mapping, "[" + item + "]").external_id, "a");
  EXPECT_EQ(One(mapping, item).external_id, "a");
  EXPECT_EQ(One(mapping, R"({"x":)" + item + "}").external_id, "a");
  mapping.id = "#";
  EXPECT_EQ(One(mapping, R"({"n\u0061me":)" + item + "}").external_id, "name");
  EXPECT_EQ(Read(mapping, "[" + item + "]").first_error, "item 0: id");
  EXPECT_TRUE(Read(mapping, "{}").reports.empty());
  EXPECT_TRUE(Read(mapping, "[]").reports.empty());
}

TEST(JsonMappingTest, CallsAnItemWithoutAnIdWhatItWasAskedFor) {
  const auto mapper = JsonMapper::Make(Plain());
  ASSERT_TRUE(mapper);
  const auto items = mapper->Read(R"({"lat":1,"lon":2})", kNow, "asked");
  ASSERT_TRUE(items && items->reports.size() == 1);
  EXPECT_EQ(items->reports[0].external_id, "asked");
  const auto other = mapper->Read(R"({"id":"own","lat":1,"lon":2})", kNow, "asked");
  ASSERT_TRUE(other && other->reports.size() == 1);
  EXPECT_EQ(other->reports[0].external_id, "own");
}

TEST(JsonMappingTest, ConvertsUnits) {
  const auto speed = [](const char* unit) {
    JsonMapping mapping = Plain();
    mapping.speed = "/v";
    mapping.speed_unit = *SpeedUnitOf(unit);
    return *One(mapping, R"({"id":1,"lat":1,"lon":2,"v":36})").fix.speed_mps;
  };
  EXPECT_DOUBLE_EQ(speed("m/s"), 36);
  EXPECT_DOUBLE_EQ(speed("km/h"), 10);
  EXPECT_DOUBLE_EQ(speed("knots"), 18.52);
  EXPECT_DOUBLE_EQ(speed("mph"), 36 * 0.44704);
  const auto length = [](const char* unit) {
    JsonMapping mapping = Plain();
    mapping.altitude = "/a";
    mapping.altitude_unit = *LengthUnitOf(unit);
    return *One(mapping, R"({"id":1,"lat":1,"lon":2,"a":-10})").fix.altitude_m;
  };
  EXPECT_DOUBLE_EQ(length("m"), -10);
  EXPECT_DOUBLE_EQ(length("ft"), -3.048);
  EXPECT_DOUBLE_EQ(length("km"), -10'000);
  EXPECT_DOUBLE_EQ(length("mi"), -16'093.44);
  EXPECT_DOUBLE_EQ(length("nmi"), -18'520);
  EXPECT_FALSE(SpeedUnitOf("kn") || LengthUnitOf("feet") || TimeFormOf("") || PointFormOf("x"));
}

TEST(JsonMappingTest, ReadsPointsInTheirOrder) {
  const auto place = [](const char* form, const std::string& point) {
    JsonMapping mapping;
    mapping.id = "/id";
    mapping.point = "/p";
    mapping.point_form = *PointFormOf(form);
    const auto items = Read(mapping, R"([{"id":1,"p":)" + point + "}]");
    if (items.reports.empty()) return items.first_error;
    const auto at = items.reports[0].fix.place;
    return std::to_string(at.latitude).substr(0, 5) + " " + std::to_string(at.longitude).substr(0, 5);
  };
  EXPECT_EQ(place("lat,lon", R"("52.50, 13.25")"), "52.50 13.25");
  EXPECT_EQ(place("lat,lon", "[52.5,13.25]"), "52.50 13.25");
  EXPECT_EQ(place("lon,lat", R"("13.25,52.5")"), "52.50 13.25");
  EXPECT_EQ(place("geojson", R"({"type":"Point","coordinates":[13.25,52.5,30]})"), "52.50 13.25");
  EXPECT_EQ(place("geojson", R"({"geometry":{"type":"Point","coordinates":[13.25,52.5]}})"),
            "52.50 13.25");
  EXPECT_EQ(place("geojson", "[13.25,52.5]"), "52.50 13.25");
  for (const char* bad : {"\"\"", "\"52.5\"", "\"52.5;13\"", "\"a,b\"", "[1]", "[]", "{}", "null",
                          "7", "\"91,0\"", "[0,181]", "[[1,2],[3,4]]"}) {
    EXPECT_EQ(place("lat,lon", bad), "item 0: point") << bad;
  }
}

TEST(JsonMappingTest, ReadsTimesInTheirForms) {
  const auto time = [](const char* form, const std::string& value, int zone_minutes = 0) {
    JsonMapping mapping = Plain();
    mapping.time = "/t";
    mapping.time_form = *TimeFormOf(form);
    mapping.time_pattern = "%d.%m.%Y %H:%M:%S";
    mapping.time_zone_minutes = zone_minutes;
    const auto items = Read(mapping, R"([{"id":1,"lat":1,"lon":2,"t":)" + value + "}]");
    return items.reports.empty() ? items.first_error : Time(items.reports[0]);
  };
  const std::string expected = "2023-11-14T22:13:20.000Z";
  EXPECT_EQ(time("auto", "1700000000"), expected);
  EXPECT_EQ(time("auto", "1700000000000"), expected);
  EXPECT_EQ(time("auto", "\"1700000000\""), expected);
  EXPECT_EQ(time("auto", "\"2023-11-14T23:13:20+01:00\""), expected);
  EXPECT_EQ(time("epoch_s", "1700000000.25"), "2023-11-14T22:13:20.250Z");
  EXPECT_EQ(time("epoch_ms", "1700000000000"), expected);
  EXPECT_EQ(time("rfc3339", "\"2023-11-14T22:13:20Z\""), expected);
  EXPECT_EQ(time("rfc3339", "\"2023-11-14 23:13:20\"", 60), expected);
  EXPECT_EQ(time("age_s", "0.5"), expected);
  EXPECT_EQ(time("pattern", "\"14.11.2023 23:13:20\"", 60), expected);
  for (const char* form : {"auto", "epoch_s", "epoch_ms", "rfc3339", "age_s", "pattern"}) {
    for (const char* bad : {"null", "\"\"", "\"soon\"", "{}", "[]", "true", "-1e300", "1e300"}) {
      EXPECT_EQ(time(form, bad), "item 0: time") << form << " " << bad;
    }
  }
  EXPECT_EQ(time("epoch_s", "0"), "item 0: time");
  EXPECT_EQ(time("age_s", "-3"), "item 0: time");
  EXPECT_EQ(time("epoch_s", "1700000000000"), "item 0: time");
}

TEST(JsonMappingTest, TakesTheTimeOfTheDocument) {
  JsonMapping mapping = Plain();
  EXPECT_EQ(Time(One(mapping, R"({"id":1,"lat":1,"lon":2})")), "2023-11-14T22:13:20.500Z");
  mapping.items = "/list";
  mapping.now = "/now";
  const std::string list = R"("list":[{"id":1,"lat":1,"lon":2}]})";
  EXPECT_EQ(Time(One(mapping, R"({"now":1600000000.5,)" + list)), "2020-09-13T12:26:40.500Z");
  EXPECT_EQ(Time(One(mapping, "{" + list)), "2023-11-14T22:13:20.500Z");
}

TEST(JsonMappingTest, KnowsWhatMeansUnknown) {
  JsonMapping mapping = Plain();
  mapping.speed = "/v";
  mapping.course = "/c1 /c2";
  mapping.heading = "/h";
  mapping.name = "/name";
  mapping.battery = "/b";
  mapping.accuracy = "/acc";
  mapping.unknown = {"-1", "511", "\"n/a\"", "102.30"};
  mapping.attributes = {{"h", "/h"}};
  const Report report = One(mapping,
      R"({"id":1,"lat":-1,"lon":511e-1,"v":102.3,"c1":null,"c2":80,"h":511.0,"name":"n\/a",)"
      R"("b":120,"acc":0})");
  EXPECT_EQ(report.fix.place.latitude, -1);
  EXPECT_EQ(report.fix.speed_mps, std::nullopt);
  EXPECT_EQ(report.fix.course_deg, 80);
  EXPECT_EQ(report.fix.heading_deg, std::nullopt);
  EXPECT_EQ(report.fix.battery_percent, std::nullopt);
  EXPECT_EQ(report.fix.accuracy_m, std::nullopt);
  EXPECT_EQ(report.name, "");
  EXPECT_EQ(report.fix.attributes_json, "");
}

TEST(JsonMappingTest, Filters) {
  const auto passes = [](const std::string& filter) {
    JsonMapping mapping = Plain();
    mapping.filter = {filter};
    const auto items = Read(mapping,
        R"([{"id":1,"lat":0,"lon":2,"on":true,"off":false,"kind":"bus","n":5,"none":null,"s":"",)"
        R"("l":[],"o":{"p":1}}])");
    EXPECT_EQ(items.reports.size() + items.filtered, 1u) << filter;
    return items.filtered == 0;
  };
  for (const char* filter : {"/on", "/lat", "/kind", "/o", "/o/p", "!/off", "! /none", "!/gone",
                             "!/s", "!/l", "/kind == \"bus\"", "/n == 5.0",
                             "/kind != \"tram\"", "/gone != 1", "/n < 6", "/n <= 5", "/n > 4",
                             "/n >= 5", "/off == false"}) {
    EXPECT_TRUE(passes(filter)) << filter;
  }
  for (const char* filter : {"/off", "/none", "/s", "/l", "/gone", "!/on", "/kind == \"tram\"",
                             "/kind != \"bus\"", "/n < 5", "/n > 5", "/kind < 5", "/gone == 1",
                             "/gone < 1", "/none >= 0"}) {
    EXPECT_FALSE(passes(filter)) << filter;
  }
  for (const char* bad : {"on", "/a = 1", "/a == ", "/a == [1]", "/a < \"x\"", "!/a == 1",
                          "/a == 1 2", "/a like 1", "/a==1", "/a<1"}) {
    EXPECT_FALSE(JsonCondition::Parse(bad)) << bad;
  }
}

TEST(JsonMappingTest, SkipsBadItemsAndNamesTheFirst) {
  JsonMapping mapping = Plain();
  mapping.time = "/t";
  const auto items = Read(mapping,
      R"([{"id":1,"lat":1,"lon":2,"t":1700000000},{"id":2,"lat":1,"lon":"x","t":1700000000},)"
      R"({"id":"","lat":1,"lon":2,"t":1700000000},{"id":1.5,"lat":1,"lon":2,"t":1700000000},7,null,)"
      R"({"id":3,"lat":1,"lon":2}])");
  EXPECT_EQ(items.reports.size(), 1u);
  EXPECT_EQ(items.bad, 6u);
  EXPECT_EQ(items.first_error, "item 1: longitude");
}

TEST(JsonMappingTest, RefusesDocumentsThatAreNone) {
  JsonMapping mapping = Plain();
  mapping.items = "/list";
  const auto mapper = JsonMapper::Make(mapping);
  ASSERT_TRUE(mapper);
  const auto code = [&](const std::string& document) {
    const auto items = mapper->Read(document, kNow);
    return items ? "read" : items.error().code;
  };
  EXPECT_EQ(code(""), "bad_json");
  EXPECT_EQ(code("<html>"), "bad_json");
  EXPECT_EQ(code(std::string(1'000, '[')), "bad_json");
  EXPECT_EQ(code("{}"), "no_items");
  EXPECT_EQ(code("[]"), "no_items");
  EXPECT_EQ(code(R"({"list":7})"), "no_items");
  EXPECT_EQ(code(R"({"list":null})"), "no_items");
  EXPECT_EQ(code(R"({"list":[]})"), "read");
  std::string many = R"({"list":[0)";
  for (int i = 0; i < 100'000; ++i) many += ",0";
  EXPECT_EQ(code(many + "]}"), "too_many");
}

TEST(JsonMappingTest, ChecksItself) {
  EXPECT_EQ(MakeError(JsonMapping()), "bad_mapping id: it must be said where an item has its id");
  const auto with = [](auto change) {
    JsonMapping mapping = Plain();
    change(mapping);
    return MakeError(mapping).substr(0, 20);
  };
  EXPECT_EQ(with([](auto&) {}), "made");
  EXPECT_EQ(with([](auto& m) { m.longitude = ""; }), "bad_mapping latitude");
  EXPECT_EQ(with([](auto& m) { m.longitude = "lon"; }), "bad_mapping longitud");
  EXPECT_EQ(with([](auto& m) { m.items = "x"; }), "bad_mapping items: \"");
  EXPECT_EQ(with([](auto& m) { m.now = "x"; }), "bad_mapping now: \"x\"");
  EXPECT_EQ(with([](auto& m) { m.unknown = {"x"}; }), "bad_mapping unknown:");
  EXPECT_EQ(with([](auto& m) { m.unknown = {"[]"}; }), "bad_mapping unknown:");
  EXPECT_EQ(with([](auto& m) { m.filter = {"x"}; }), "bad_mapping filter: ");
  EXPECT_EQ(with([](auto& m) { m.attributes = {{"a", "x"}}; }), "bad_mapping attribut");
  EXPECT_EQ(with([](auto& m) { m.battery_scale = 0; }), "bad_mapping battery_");
  EXPECT_EQ(with([](auto& m) { m.time_zone_minutes = 900; }), "bad_mapping time_zon");
  EXPECT_EQ(with([](auto& m) { m.time_form = TimeForm::kPattern; }), "bad_mapping time_pat");
}

TEST(TimePatternTest, ReadsWhatThePatternSays) {
  EXPECT_TRUE(IsTimePattern("%Y%m%d"));
  for (const char* bad : {"", "%Y-%m", "%Y%m%d%", "%Y%m%d%q"}) EXPECT_FALSE(IsTimePattern(bad)) << bad;
  const auto read = [](const char* pattern, const char* text) {
    const auto time = ParseTimeBy(pattern, text, 0);
    return time ? base::FormatTime(*time) : "none";
  };
  EXPECT_EQ(read("%Y%m%d", "20231114"), "2023-11-14T00:00:00.000Z");
  EXPECT_EQ(read("%d/%m/%Y %H:%M", "4/1/2023 7:05"), "2023-01-04T07:05:00.000Z");
  EXPECT_EQ(read("100%% %Y-%m-%dT%H:%M:%S%z", "100% 2023-11-14T23:13:20.2579+01:00"),
            "2023-11-14T22:13:20.257Z");
  EXPECT_EQ(read("%Y-%m-%d %z", "2023-11-14 -0130"), "2023-11-14T01:30:00.000Z");
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", "2016-12-31 23:59:60"), "2016-12-31T23:59:59.000Z");
  for (const char* bad : {"2023-02-29 00:00:00", "2023-13-01 00:00:00", "2023-00-01 00:00:00",
                          "2023-01-01 24:00:00", "2023-01-01 00:60:00", "2023-01-01 00:00:61",
                          "2023-01-01 00:00:00 ", "2023-01-01 00:00", "23-01-01 00:00:00", "",
                          "2023-01-01 00:00:00."}) {
    EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", bad), "none") << bad;
  }
}

}  // namespace
}  // namespace trackwire::formats
