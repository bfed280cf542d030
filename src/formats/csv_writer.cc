#include <cmath>

#include "base/text.h"
#include "formats/csv_cell.h"
#include "formats/id_text.h"
#include "formats/track_writers.h"

namespace trackwire::formats {
namespace {

void AppendNumber(std::string& out, const std::optional<double>& value, double steps) {
  out += ',';
  if (value && std::isfinite(*value)) tracking::AppendRounded(out, *value, steps);
}

class CsvWriter final : public TrackWriter {
 public:
  void Begin(std::string& out) override {
    out +=
        "tracker_id,name,fix_time,latitude,longitude,altitude,accuracy,speed,course,heading,valid,"
        "battery_level,motion,source,received_at,attributes\r\n";
  }
  void StartTrack(std::string&, const tracking::Id& id, std::string_view name) override {
    front_.clear();
    if (id.is_integer()) {
      front_ += id.ToText();
    } else {
      AppendCsvText(front_, IdText(id));
    }
    front_ += ',';
    AppendCsvText(front_, name);
    front_ += ',';
  }
  void Add(std::string& out, const tracking::Position& position) override;
  void End(std::string&) override {}

 private:
  std::string front_;  ///< what all rows of a tracker begin with
};

void CsvWriter::Add(std::string& out, const tracking::Position& position) {
  const tracking::Fix& fix = position.fix;
  out += front_;
  out += base::FormatTime(fix.fix_time);
  AppendNumber(out, fix.place.latitude, tracking::kCoordinateSteps);
  AppendNumber(out, fix.place.longitude, tracking::kCoordinateSteps);
  AppendNumber(out, fix.altitude_m, tracking::kMetreSteps);
  AppendNumber(out, fix.accuracy_m, tracking::kMetreSteps);
  AppendNumber(out, fix.speed_mps, tracking::kSpeedSteps);
  AppendNumber(out, tracking::PrintedAngle(fix.course_deg), tracking::kAngleSteps);
  AppendNumber(out, tracking::PrintedAngle(fix.heading_deg), tracking::kAngleSteps);
  out += ',';
  if (fix.valid) out += *fix.valid ? "true" : "false";
  AppendNumber(out, fix.battery_percent, tracking::kBatterySteps);
  out += ',';
  if (position.motion != tracking::Motion::kUnknown) out += tracking::ToString(position.motion);
  out += ',';
  AppendCsvText(out, fix.source);
  out += ',';
  if (position.received_at != WallTime{}) out += base::FormatTime(position.received_at);
  out += ',';
  AppendCsvText(out, fix.attributes_json);
  out += "\r\n";
}

}  // namespace

std::unique_ptr<TrackWriter> MakeCsvWriter() { return std::make_unique<CsvWriter>(); }

}  // namespace trackwire::formats
