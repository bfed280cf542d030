#include <cmath>

#include "base/text.h"
#include "formats/id_text.h"
#include "formats/track_writers.h"
#include "formats/xml_text.h"

namespace trackwire::formats {
namespace {

void AppendElement(std::string& out, const char* name, std::string_view text) {
  out += '<';
  out += name;
  out += '>';
  AppendXmlText(out, text);
  out += "</";
  out += name;
  out += '>';
}

void AppendNumber(std::string& out, const char* name, const std::optional<double>& value,
                  double steps) {
  if (!value || !std::isfinite(*value)) return;
  std::string number;
  tracking::AppendRounded(number, *value, steps);
  AppendElement(out, name, number);
}

class GpxWriter final : public TrackWriter {
 public:
  explicit GpxWriter(const WriterOptions& options) : gaps_(options.gap) {}

  void Begin(std::string& out) override {
    out +=
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gpx version=\"1.1\" creator=\"Trackwire\" "
        "xmlns=\"http://www.topografix.com/GPX/1/1\" xmlns:gpxtpx=\"";
    out += kGarminNamespace;
    out += "\" xmlns:tw=\"";
    out += kGpxNamespace;
    out += "\">\n";
  }
  void StartTrack(std::string& out, const tracking::Id& id, std::string_view name) override {
    EndTrack(out);
    out += "<trk>";
    if (!name.empty()) AppendElement(out, "name", name);
    out += "<extensions>";
    AppendElement(out, "tw:tracker_id", IdText(id));
    out += "</extensions>\n";
    in_track_ = true;
    gaps_.Reset();
  }
  void Add(std::string& out, const tracking::Position& position) override;
  void End(std::string& out) override {
    EndTrack(out);
    out += "</gpx>\n";
  }

 private:
  void EndTrack(std::string& out) {
    if (in_segment_) out += "</trkseg>\n";
    if (in_track_) out += "</trk>\n";
    in_segment_ = in_track_ = false;
  }

  GapFinder gaps_;
  bool in_track_ = false;
  bool in_segment_ = false;
};

void AppendExtensions(std::string& out, const tracking::Position& position) {
  const tracking::Fix& fix = position.fix;
  std::string garmin;
  AppendNumber(garmin, "gpxtpx:speed", fix.speed_mps, tracking::kSpeedSteps);
  AppendNumber(garmin, "gpxtpx:course", tracking::PrintedAngle(fix.course_deg),
               tracking::kAngleSteps);
  out += "<extensions>";
  if (!garmin.empty()) {
    out += "<gpxtpx:TrackPointExtension>" + garmin + "</gpxtpx:TrackPointExtension>";
  }
  AppendNumber(out, "tw:heading", tracking::PrintedAngle(fix.heading_deg), tracking::kAngleSteps);
  AppendNumber(out, "tw:accuracy", fix.accuracy_m, tracking::kMetreSteps);
  AppendNumber(out, "tw:battery_level", fix.battery_percent, tracking::kBatterySteps);
  if (fix.valid) AppendElement(out, "tw:valid", *fix.valid ? "true" : "false");
  if (position.motion != tracking::Motion::kUnknown) {
    AppendElement(out, "tw:motion", tracking::ToString(position.motion));
  }
  if (!fix.source.empty()) AppendElement(out, "tw:source", fix.source);
  if (position.received_at != WallTime{}) {
    AppendElement(out, "tw:received_at", base::FormatTime(position.received_at));
  }
  if (!fix.attributes_json.empty()) AppendElement(out, "tw:attributes", fix.attributes_json);
  out += "</extensions>";
}

void GpxWriter::Add(std::string& out, const tracking::Position& position) {
  const tracking::Fix& fix = position.fix;
  if (gaps_.Next(fix.fix_time) && in_segment_) {
    out += "</trkseg>\n";
    in_segment_ = false;
  }
  if (!in_segment_) out += "<trkseg>\n";
  in_segment_ = true;
  out += "<trkpt lat=\"";
  tracking::AppendRounded(out, fix.place.latitude, tracking::kCoordinateSteps);
  out += "\" lon=\"";
  tracking::AppendRounded(out, fix.place.longitude, tracking::kCoordinateSteps);
  out += "\">";
  AppendNumber(out, "ele", fix.altitude_m, tracking::kMetreSteps);
  AppendElement(out, "time", base::FormatTime(fix.fix_time));
  AppendExtensions(out, position);
  out += "</trkpt>\n";
}

}  // namespace

std::unique_ptr<TrackWriter> MakeGpxWriter(const WriterOptions& options) {
  return std::make_unique<GpxWriter>(options);
}

}  // namespace trackwire::formats
