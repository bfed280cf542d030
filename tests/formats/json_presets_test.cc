#include <gtest/gtest.h>

#include "base/text.h"
#include "formats/json_mapping.h"

namespace trackwire::formats {
namespace {

JsonItems Read(const char* preset, const std::string& document) {
  const auto mapping = JsonMappingPreset(preset);
  EXPECT_TRUE(mapping) << preset;
  const auto mapper = mapping ? JsonMapper::Make(*mapping) : Err("none", "");
  EXPECT_TRUE(mapper) << mapper.error().detail;
  if (!mapper) return {};
  auto items = mapper->Read(document, WallTime(std::chrono::seconds(1'700'000'100)));
  EXPECT_TRUE(items) << items.error().detail;
  return items ? *items : JsonItems();
}

TEST(JsonPresetsTest, ReadsAircraft) {
  const auto items = Read("readsb", R"({"now":1700000000.5,"messages":9,"aircraft":[
    {"hex":"3c6444","type":"adsb_icao","flight":"DLH4AB  ","r":"D-AIBD","t":"A319","alt_baro":10000,
     "alt_geom":10250,"gs":360,"track":271.3,"true_heading":268.5,"squawk":"1000","emergency":"none",
     "category":"A3","lat":52.5,"lon":13.25,"rc":186,"seen_pos":0.5,"seen":0.1,"rssi":-20.1},
    {"hex":"~2a1b3c","alt_baro":"ground","gs":0,"lat":48.1,"lon":11.5,"rc":0,"seen_pos":12.25},
    {"hex":"4b1815","lastPosition":{"lat":47,"lon":8,"seen_pos":80},"seen":61},
    {"hex":"000001","lat":1,"lon":2}]})");
  ASSERT_EQ(items.reports.size(), 2u);
  EXPECT_EQ(items.filtered, 1u);
  EXPECT_EQ(items.first_error, "item 3: time");
  const Report& flight = items.reports[0];
  EXPECT_EQ(flight.external_id, "3c6444");
  EXPECT_EQ(flight.name, "DLH4AB");
  EXPECT_EQ(base::FormatTime(flight.fix.fix_time), "2023-11-14T22:13:20.000Z");
  EXPECT_DOUBLE_EQ(*flight.fix.altitude_m, 10'250 * 0.3048);
  EXPECT_DOUBLE_EQ(*flight.fix.speed_mps, 185.2);
  EXPECT_EQ(flight.fix.course_deg, 271.3);
  EXPECT_EQ(flight.fix.heading_deg, 268.5);
  EXPECT_EQ(flight.fix.accuracy_m, 186);
  EXPECT_EQ(flight.fix.attributes_json,
            R"({"squawk":"1000","emergency":"none","aircraft_type":"A319","registration":"D-AIBD",)"
            R"("emitter":"A3","source_type":"adsb_icao","rssi":-20.1})");
  EXPECT_EQ(items.reports[1].fix.altitude_m, std::nullopt);
  EXPECT_EQ(items.reports[1].fix.accuracy_m, std::nullopt);
  EXPECT_EQ(items.reports[1].fix.speed_mps, 0);
}

TEST(JsonPresetsTest, ReadsABatchOfOverland) {
  const auto items = Read("overland", R"({"locations":[{"type":"Feature",
    "geometry":{"type":"Point","coordinates":[13.25,52.5]},"properties":{
    "timestamp":"2023-11-14T22:13:20Z","altitude":34,"speed":-1,"course":-1,"horizontal_accuracy":10,
    "vertical_accuracy":4,"motion":["driving","stationary"],"battery_state":"charging",
    "battery_level":0.8,"device_id":"ada","wifi":"attic","unique_id":"x"}},
    {"type":"Feature","geometry":{"type":"Point","coordinates":[13.25]},"properties":{
    "timestamp":"2023-11-14T22:13:20Z","device_id":"ada"}}],"trip":{}})");
  ASSERT_EQ(items.reports.size(), 1u);
  EXPECT_EQ(items.first_error, "item 1: point");
  const Report& report = items.reports[0];
  EXPECT_EQ(report.external_id, "ada");
  EXPECT_EQ(report.fix.place.latitude, 52.5);
  EXPECT_EQ(report.fix.speed_mps, std::nullopt);
  EXPECT_EQ(report.fix.course_deg, std::nullopt);
  EXPECT_EQ(report.fix.accuracy_m, 10);
  EXPECT_EQ(report.fix.battery_percent, 80);
  EXPECT_EQ(report.fix.attributes_json,
            R"({"activity":"driving","battery_state":"charging","vertical_accuracy":4})");
}

TEST(JsonPresetsTest, ReadsShips) {
  const auto items = Read("ais-catcher", R"({"count":3,"time":"1700000000","ships":[
    {"mmsi":211000001,"lat":53.5,"lon":9.9,"heading":88,"cog":87.6,"speed":12.3,"shipname":"ADA",
     "last_signal":5,"destination":"HAMBURG","status":0},
    {"mmsi":211000002,"lat":91,"lon":181,"last_signal":5},
    {"mmsi":211000003,"lat":null,"lon":null,"last_signal":5},
    {"mmsi":211000004,"lat":1,"lon":2,"heading":511,"cog":360,"speed":102.3,"last_signal":0}]})");
  ASSERT_EQ(items.reports.size(), 2u);
  EXPECT_EQ(items.filtered, 2u);
  EXPECT_EQ(items.reports[0].external_id, "211000001");
  EXPECT_EQ(items.reports[0].name, "ADA");
  EXPECT_EQ(base::FormatTime(items.reports[0].fix.fix_time), "2023-11-14T22:13:15.000Z");
  EXPECT_DOUBLE_EQ(*items.reports[0].fix.speed_mps, 12.3 * 1852 / 3600);
  EXPECT_EQ(items.reports[1].fix.speed_mps, std::nullopt);
  EXPECT_EQ(items.reports[1].fix.course_deg, std::nullopt);
  EXPECT_EQ(items.reports[1].fix.heading_deg, std::nullopt);
}

TEST(JsonPresetsTest, ReadsStatesOfAHome) {
  const auto items = Read("home-assistant", R"([
    {"entity_id":"device_tracker.phone","state":"home","last_updated":"2023-11-14T22:13:20.123456+00:00",
     "attributes":{"source_type":"gps","latitude":52.5,"longitude":13.25,"gps_accuracy":14,
     "battery_level":77,"friendly_name":"Ada's phone","altitude":30,"vertical_accuracy":3}},
    {"entity_id":"zone.home","attributes":{"latitude":52.5,"longitude":13.25}},
    {"entity_id":"device_tracker.router","attributes":{"source_type":"router"}},
    {"entity_id":"sun.sun","state":"above_horizon","attributes":{}}])");
  ASSERT_EQ(items.reports.size(), 1u);
  EXPECT_EQ(items.filtered, 3u);
  EXPECT_EQ(items.bad, 0u);
  const Report& report = items.reports[0];
  EXPECT_EQ(report.external_id, "device_tracker.phone");
  EXPECT_EQ(report.name, "Ada's phone");
  EXPECT_EQ(base::FormatTime(report.fix.fix_time), "2023-11-14T22:13:20.123Z");
  EXPECT_EQ(report.fix.battery_percent, 77);
  EXPECT_EQ(report.fix.accuracy_m, 14);
}

TEST(JsonPresetsTest, KnowsNoOthers) { EXPECT_FALSE(JsonMappingPreset("other")); }

}  // namespace
}  // namespace trackwire::formats
