#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "formats/ais_names.h"
#include "formats/csv_cell.h"
#include "formats/csv_scanner.h"
#include "formats/fields.h"
#include "formats/id_text.h"
#include "formats/point_readers.h"

namespace trackwire::formats {
namespace {

enum Index {
  kId,
  kTime,
  kLatitude,
  kLongitude,
  kSpeed,
  kCourse,
  kHeading,
  kAltitude,
  kAccuracy,
  kName,
  kCategory,
  kCallSign,
  kImo,
  kLength,
  kValid,
  kBattery,
  kMotion,
  kSource,
  kReceivedAt,
  kAttributes,
  kCount
};

const Column& ColumnOf(const CsvMapping& m, size_t index) {
  const std::array<const Column*, kCount> columns{
      &m.id,       &m.time,      &m.latitude, &m.longitude,   &m.speed,
      &m.course,   &m.heading,   &m.altitude, &m.accuracy,    &m.name,
      &m.category, &m.call_sign, &m.imo,      &m.length_m,    &m.valid,
      &m.battery,  &m.motion,    &m.source,   &m.received_at, &m.attributes};
  return *columns[index];
}

/// 0, which is no type, for what cannot be one.
int ShipType(std::string_view text) {
  const double number = ParseNumber(text).value_or(0);
  return number >= 0 && number <= 9'999 ? static_cast<int>(number) : 0;
}

class CsvPoints final : public PointReader {
 public:
  explicit CsvPoints(const ReaderOptions& options) : mapping_(options.csv) {}

  Result<void> Feed(std::string_view bytes, ReadPoints& out) override {
    for (const char c : bytes) {
      const CsvScanner::Row row = scanner_.Take(c);
      if (row == CsvScanner::Row::kMore) continue;
      if (auto done = TakeRow(row, out); !done) return done;
    }
    return Ok();
  }
  Result<void> Finish(ReadPoints& out) override {
    const CsvScanner::Row row = scanner_.End();
    if (row != CsvScanner::Row::kMore) {
      if (auto done = TakeRow(row, out); !done) return done;
    }
    if (!has_header_) return Err("missing_column", "there is no header line");
    return Ok();
  }

 private:
  Result<void> TakeRow(CsvScanner::Row row, ReadPoints& out);
  Result<void> ReadHeader();
  /// Why the row is not good, or nothing.
  const char* ReadRow(ReadPoints& out);
  void Describe(FilePoint& point) const;
  std::string_view Field(size_t index) const {
    const size_t at = at_[index];
    return at < scanner_.fields().size() ? base::Trim(scanner_.fields()[at]) : std::string_view();
  }
  /// A number of the row; nothing when absent, a sentinel or nonsense.
  std::optional<double> Value(size_t index) const;

  std::optional<CsvMapping> mapping_;
  CsvScanner scanner_{CsvScanner::Limits{}};
  bool has_header_ = false;
  std::array<size_t, kCount> at_{};
};

Result<void> CsvPoints::TakeRow(CsvScanner::Row row, ReadPoints& out) {
  if (!has_header_) {
    if (row == CsvScanner::Row::kBad) return Err("missing_column", "the header line is not CSV");
    has_header_ = true;
    return ReadHeader();
  }
  const char* wrong = row == CsvScanner::Row::kBad ? "bad_quotes_or_too_long" : ReadRow(out);
  if (wrong != nullptr) out.bad.push_back({wrong, scanner_.line()});
  return Ok();
}

Result<void> CsvPoints::ReadHeader() {
  const auto& header = scanner_.fields();
  if (!mapping_) {
    auto guessed = GuessCsvMapping(header);
    if (!guessed) return Err(std::move(guessed.error()));
    mapping_ = std::move(*guessed);
  }
  for (size_t index = 0; index < kCount; ++index) {
    const std::string& name = ColumnOf(*mapping_, index).name;
    at_[index] = std::numeric_limits<size_t>::max();
    if (name.empty()) continue;
    for (size_t i = 0; i < header.size(); ++i) {
      if (base::Trim(header[i]) == name) at_[index] = i;
    }
    if (at_[index] >= header.size()) return Err("missing_column", "there is no column " + name);
  }
  return Ok();
}

std::optional<double> CsvPoints::Value(size_t index) const {
  const auto value = ParseNumber(Field(index));
  if (!value) return value;
  const auto& missing = ColumnOf(*mapping_, index).missing;
  const bool absent = std::find(missing.begin(), missing.end(), *value) != missing.end();
  return absent ? std::nullopt : value;
}

void CsvPoints::Describe(FilePoint& point) const {
  Report& report = point.report;
  const std::string_view name = ShortText(CsvText(Field(kName)));
  report.name = mapping_->ais_ship_types ? VesselName(name) : std::string(name);
  report.category = ShortText(Field(kCategory));
  if (mapping_->ais_ship_types && !report.category.empty()) {
    report.category = AisCategory(ShipType(report.category));
  }
  point.call_sign = ShortText(Field(kCallSign));
  point.imo = ShortText(Field(kImo));
  if (const auto length = Value(kLength); length && *length > 0) point.length_m = *length;
}

const char* CsvPoints::ReadRow(ReadPoints& out) {
  FilePoint point;
  const std::string_view id = CsvText(Field(kId));
  if (!mapping_->id.name.empty()) {
    point.id = ParseIdText(id);
    if (!point.id) return "bad_id";
    point.report.external_id = id;
  }
  tracking::Fix& fix = point.report.fix;
  point.has_time = !mapping_->time.name.empty();
  if (point.has_time) {
    const auto parsed = ParseFileTime(Field(kTime), mapping_->time_format);
    if (!parsed) return "bad_time";
    fix.fix_time = *parsed;
  }
  const double nowhere = std::numeric_limits<double>::quiet_NaN();
  fix.place = {Value(kLatitude).value_or(nowhere), Value(kLongitude).value_or(nowhere)};
  if (!IsPlace(fix.place.latitude, fix.place.longitude)) return "bad_coordinates";
  if (const auto speed = Value(kSpeed)) {
    fix.speed_mps = Speed(MetresPerSecond(*speed, mapping_->speed_unit));
  }
  fix.course_deg = Angle(Value(kCourse));
  fix.heading_deg = Angle(Value(kHeading));
  fix.altitude_m = Altitude(Value(kAltitude));
  fix.accuracy_m = Accuracy(Value(kAccuracy));
  fix.battery_percent = Battery(Value(kBattery));
  fix.valid = ParseTruth(Field(kValid));
  fix.source = ShortText(CsvText(Field(kSource)));
  fix.attributes_json = FlatObject(CsvText(Field(kAttributes)));
  point.received_at = ParseFileTime(Field(kReceivedAt));
  point.motion = ParseMotion(Field(kMotion));
  Describe(point);
  out.points.push_back(std::move(point));
  return nullptr;
}

}  // namespace

std::unique_ptr<PointReader> MakeCsvPoints(const ReaderOptions& options) {
  return std::make_unique<CsvPoints>(options);
}

}  // namespace trackwire::formats
