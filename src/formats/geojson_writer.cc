#include <cmath>

#include "base/json_scanner.h"
#include "base/text.h"
#include "formats/track_writers.h"

namespace trackwire::formats {
namespace {

/// `[longitude,latitude]` or, where it is known, with the altitude.
void AppendPlace(std::string& out, const tracking::Fix& fix) {
  out += '[';
  tracking::AppendRounded(out, fix.place.longitude, tracking::kCoordinateSteps);
  out += ',';
  tracking::AppendRounded(out, fix.place.latitude, tracking::kCoordinateSteps);
  if (fix.altitude_m && std::isfinite(*fix.altitude_m)) {
    out += ',';
    tracking::AppendRounded(out, *fix.altitude_m, tracking::kMetreSteps);
  }
  out += ']';
}

/// What both kinds of features have of their document and track.
class GeoJsonWriter : public TrackWriter {
 public:
  void Begin(std::string& out) override { out += R"({"type":"FeatureCollection","features":[)"; }
  void StartTrack(std::string& out, const tracking::Id& id, std::string_view name) override {
    EndTrack(out);
    track_ = "\"tracker_id\":" + id.ToJson();
    if (!name.empty()) {
      track_ += ",\"name\":";
      base::AppendJsonString(track_, name);
    }
  }
  void End(std::string& out) override {
    EndTrack(out);
    out += "\n]}\n";
  }

 protected:
  virtual void EndTrack(std::string&) {}
  void BeginFeature(std::string& out, const char* geometry) {
    out += any_ ? ",\n" : "\n";
    any_ = true;
    out += R"({"type":"Feature","geometry":{"type":")";
    out += geometry;
    out += R"(","coordinates":)";
  }
  /// Members of `properties` that name the tracker.
  const std::string& track() const { return track_; }

 private:
  std::string track_;
  bool any_ = false;
};

class PointWriter final : public GeoJsonWriter {
 public:
  void Add(std::string& out, const tracking::Position& position) override {
    BeginFeature(out, "Point");
    AppendPlace(out, position.fix);
    out += "},\"properties\":{" + track();
    // The place stands in the geometry, all else as everywhere.
    std::string_view rest = json_ = tracking::ToJson(position, false);
    while (rest.starts_with("{\"l") || rest.starts_with(",\"l")) {
      rest.remove_prefix(std::min(rest.find(',', 1), rest.size()));
    }
    out += rest;
    out += '}';
  }

 private:
  std::string json_;
};

class LineWriter final : public GeoJsonWriter {
 public:
  explicit LineWriter(const WriterOptions& options)
      : gaps_(options.gap), max_points_(std::max<size_t>(options.max_line_points, 2)) {}

  void Add(std::string& out, const tracking::Position& position) override;

 protected:
  void EndTrack(std::string& out) override {
    EndLine(out);
    gaps_.Reset();
  }

 private:
  void EndLine(std::string& out);

  GapFinder gaps_;
  const size_t max_points_;
  size_t points_ = 0;
  std::string first_;  ///< the first place, as long as it may stay alone
  std::string times_;
};

void LineWriter::EndLine(std::string& out) {
  if (points_ == 0) return;
  // A line has two points at least.
  if (points_ == 1) {
    BeginFeature(out, "Point");
    out += first_ + "},\"properties\":{" + track() + ",\"fix_time\":" + times_ + "}}";
  } else {
    out += "]},\"properties\":{" + track() + ",\"coordTimes\":[" + times_ + "]}}";
  }
  points_ = 0;
  times_.clear();
}

void LineWriter::Add(std::string& out, const tracking::Position& position) {
  if (gaps_.Next(position.fix.fix_time) || points_ == max_points_) EndLine(out);
  if (points_ == 0) {
    first_.clear();
    AppendPlace(first_, position.fix);
  } else {
    if (points_ == 1) {
      BeginFeature(out, "LineString");
      out += "[" + first_;
    }
    out += ',';
    AppendPlace(out, position.fix);
    times_ += ',';
  }
  times_ += "\"" + base::FormatTime(position.fix.fix_time) + "\"";
  ++points_;
}

}  // namespace

std::unique_ptr<TrackWriter> MakeGeoJsonWriter(const WriterOptions& options) {
  if (options.lines) return std::make_unique<LineWriter>(options);
  return std::make_unique<PointWriter>();
}

}  // namespace trackwire::formats
