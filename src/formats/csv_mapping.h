#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/units.h"

namespace trackwire::formats {

enum class TimeFormat {
  kIso,  ///< 2022-01-03T00:00:00, `T` or a space, fraction and zone optional; no zone: UTC
  kEpochSeconds,
  kEpochMillis,
  kAny,  ///< any of those; numbers above 100,000,000,000 are milliseconds
};

/// A column and the values that mean "missing" in it (numbers compared as numbers).
struct Column {
  std::string name;  ///< as in the header line; empty: there is none
  std::vector<double> missing;
};

/// Which columns of a CSV file mean what. Those named must be there.
struct CsvMapping {
  Column id, time, latitude, longitude, speed, course, heading, altitude, accuracy;
  Column name, category, call_sign, imo, length_m;
  Column valid, battery, motion, source, received_at, attributes;
  TimeFormat time_format = TimeFormat::kIso;
  SpeedUnit speed_unit = SpeedUnit::kKnots;
  std::string id_prefix_for_names;  ///< a tracker without a name is called so, and its id
  bool ais_ship_types = false;      ///< `category` holds AIS ship type numbers
};

/// The mapping called `name`: `ais-us` (MarineCadastre daily files). Errors: `unknown_preset`.
Result<CsvMapping> CsvPreset(const std::string& name);

/// The mapping that the names of a header suggest, without regard to capitals: those that our own
/// files have, and what others call the same. Speeds are metres a second, times of any format.
/// Errors: `missing_column`.
Result<CsvMapping> GuessCsvMapping(const std::vector<std::string_view>& header);

}  // namespace trackwire::formats
