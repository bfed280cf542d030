#include "formats/csv_mapping.h"

#include <array>
#include <initializer_list>

#include "base/text.h"

namespace trackwire::formats {
namespace {

struct Names {
  Column CsvMapping::*column;
  std::initializer_list<const char*> names;
};

const std::array<Names, 17>& KnownNames() {
  static const std::array<Names, 17> known{{
      {&CsvMapping::id,
       {"tracker_id", "device_id", "deviceid", "vehicle_id", "uniqueid", "mmsi", "id"}},
      {&CsvMapping::time, {"fix_time", "time", "timestamp", "fixtime", "datetime", "basedatetime"}},
      {&CsvMapping::latitude, {"latitude", "lat"}},
      {&CsvMapping::longitude, {"longitude", "lon", "lng", "long"}},
      {&CsvMapping::speed, {"speed", "speed_mps"}},
      {&CsvMapping::course, {"course", "bearing", "cog"}},
      {&CsvMapping::heading, {"heading"}},
      {&CsvMapping::altitude, {"altitude", "alt", "ele", "elevation"}},
      {&CsvMapping::accuracy, {"accuracy", "acc"}},
      {&CsvMapping::name, {"name"}},
      {&CsvMapping::category, {"category"}},
      {&CsvMapping::valid, {"valid"}},
      {&CsvMapping::battery, {"battery_level"}},
      {&CsvMapping::motion, {"motion"}},
      {&CsvMapping::source, {"source"}},
      {&CsvMapping::received_at, {"received_at"}},
      {&CsvMapping::attributes, {"attributes"}},
  }};
  return known;
}

std::string FindName(const Names& names, const std::vector<std::string_view>& header) {
  for (const char* name : names.names) {
    for (const std::string_view cell : header) {
      if (base::EqualsIgnoreCase(base::Trim(cell), name)) return std::string(base::Trim(cell));
    }
  }
  return "";
}

}  // namespace

Result<CsvMapping> CsvPreset(const std::string& name) {
  if (name != "ais-us") return Err("unknown_preset", "no replay preset is called " + name);
  CsvMapping mapping;
  mapping.id = {"MMSI", {}};
  mapping.time = {"BaseDateTime", {}};
  mapping.latitude = {"LAT", {91}};
  mapping.longitude = {"LON", {181}};
  mapping.speed = {"SOG", {102.3}};
  mapping.course = {"COG", {360}};
  mapping.heading = {"Heading", {511}};
  mapping.name = {"VesselName", {}};
  mapping.category = {"VesselType", {}};
  mapping.call_sign = {"CallSign", {}};
  mapping.imo = {"IMO", {}};
  mapping.length_m = {"Length", {0}};
  mapping.speed_unit = SpeedUnit::kKnots;
  mapping.id_prefix_for_names = "MMSI ";
  mapping.ais_ship_types = true;
  return mapping;
}

Result<CsvMapping> GuessCsvMapping(const std::vector<std::string_view>& header) {
  CsvMapping mapping;
  mapping.time_format = TimeFormat::kAny;
  mapping.speed_unit = SpeedUnit::kMetresPerSecond;
  for (const Names& names : KnownNames()) (mapping.*(names.column)).name = FindName(names, header);
  if (mapping.latitude.name.empty()) return Err("missing_column", "no column for the latitude");
  if (mapping.longitude.name.empty()) return Err("missing_column", "no column for the longitude");
  return mapping;
}

}  // namespace trackwire::formats
