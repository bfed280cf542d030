#include <functional>
#include <limits>

#include "base/json_scanner.h"
#include "base/text.h"
#include "formats/feature_splitter.h"
#include "formats/fields.h"
#include "formats/id_text.h"
#include "formats/point_readers.h"

namespace trackwire::formats {
namespace {

using base::FindMember;
using base::JsonArrayReader;
using base::JsonValue;

constexpr size_t kMaxFeatureBytes = 16 * 1024 * 1024;

std::optional<JsonValue> FindFirst(JsonValue object, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    auto value = FindMember(object, name);
    if (value && !value->is_null()) return value;
  }
  return std::nullopt;
}

std::optional<double> NumberOf(const std::optional<JsonValue>& value) {
  if (!value) return std::nullopt;
  if (value->is_number()) return base::JsonNumber(*value);
  return std::nullopt;
}

/// A string decoded, anything else as it is written.
std::string TextOf(const std::optional<JsonValue>& value) {
  if (!value) return "";
  return value->is_string() ? base::DecodeJsonString(value->text) : std::string(value->text);
}

std::string ShortTextOf(const std::optional<JsonValue>& value) {
  if (!value || !value->is_string()) return "";
  return std::string(ShortText(base::DecodeJsonString(value->text)));
}

class GeoJsonPoints final : public PointReader {
 public:
  Result<void> Feed(std::string_view bytes, ReadPoints& out) override {
    return splitter_.Feed(bytes, [&](std::string_view text) { TakeText(text, out); });
  }
  Result<void> Finish(ReadPoints& out) override;

 private:
  void TakeText(std::string_view text, ReadPoints& out);
  void TakeFeature(JsonValue feature, ReadPoints& out);
  void TakeGeometry(JsonValue geometry, const std::optional<JsonValue>& properties,
                    const FilePoint& model, ReadPoints& out);
  void TakeLine(JsonValue coordinates, const std::optional<JsonValue>& times,
                const FilePoint& model, ReadPoints& out);
  void TakePlace(JsonValue place, FilePoint point, ReadPoints& out);
  void Bad(const char* reason, ReadPoints& out) { out.bad.push_back({reason, splitter_.line()}); }

  FeatureSplitter splitter_{kMaxFeatureBytes};
  uint32_t next_track_ = 0;
  uint32_t segment_ = 0;
};

/// What the properties of a feature say of all its points.
FilePoint ModelOf(JsonValue properties) {
  FilePoint point;
  Report& report = point.report;
  tracking::Fix& fix = report.fix;
  if (const auto id = FindFirst(properties, {"tracker_id", "id", "device_id"})) {
    point.id = tracking::Id::FromJson(id->text);
    if (point.id) report.external_id = point.id->ToText();
  }
  report.name = ShortTextOf(FindMember(properties, "name"));
  report.category = ShortTextOf(FindMember(properties, "category"));
  const auto number = [&](std::initializer_list<const char*> names) {
    return NumberOf(FindFirst(properties, names));
  };
  fix.altitude_m = Altitude(number({"altitude"}));
  fix.accuracy_m = Accuracy(number({"accuracy", "horizontal_accuracy"}));
  fix.speed_mps = Speed(number({"speed"}));
  fix.course_deg = Angle(number({"course"}));
  fix.heading_deg = Angle(number({"heading"}));
  fix.battery_percent = Battery(number({"battery_level"}));
  fix.valid = ParseTruth(TextOf(FindMember(properties, "valid")));
  fix.source = ShortTextOf(FindMember(properties, "source"));
  fix.attributes_json = FlatObject(TextOf(FindMember(properties, "attributes")));
  point.motion = ParseMotion(TextOf(FindMember(properties, "motion")));
  point.received_at = ParseFileTime(TextOf(FindMember(properties, "received_at")));
  return point;
}

void GeoJsonPoints::TakePlace(JsonValue place, FilePoint point, ReadPoints& out) {
  if (!place.is_array()) return Bad("bad_coordinates", out);
  JsonArrayReader numbers(place);
  const double nowhere = std::numeric_limits<double>::quiet_NaN();
  const double longitude = NumberOf(numbers.Next()).value_or(nowhere);
  const double latitude = NumberOf(numbers.Next()).value_or(nowhere);
  if (!IsPlace(latitude, longitude)) return Bad("bad_coordinates", out);
  point.report.fix.place = {latitude, longitude};
  if (const auto altitude = Altitude(NumberOf(numbers.Next()))) {
    point.report.fix.altitude_m = altitude;
  }
  out.points.push_back(std::move(point));
}

/// Gives `point` the time that `value` says. False: it says one that is none.
bool SetTime(FilePoint& point, const std::optional<JsonValue>& value) {
  point.has_time = value.has_value() && !value->is_null();
  if (!point.has_time) return true;
  const auto time = ParseFileTime(TextOf(value), TimeFormat::kAny);
  if (time) point.report.fix.fix_time = *time;
  return time.has_value();
}

void GeoJsonPoints::TakeLine(JsonValue coordinates, const std::optional<JsonValue>& times,
                             const FilePoint& model, ReadPoints& out) {
  if (!coordinates.is_array()) return Bad("bad_coordinates", out);
  JsonArrayReader places(coordinates);
  std::optional<JsonArrayReader> clock;
  if (times && times->is_array()) clock.emplace(*times);
  ++segment_;
  while (auto place = places.Next()) {
    FilePoint point = model;
    point.segment = segment_;
    if (!SetTime(point, clock ? clock->Next() : std::nullopt)) {
      Bad("bad_time", out);
    } else {
      TakePlace(*place, std::move(point), out);
    }
  }
}

void GeoJsonPoints::TakeGeometry(JsonValue geometry, const std::optional<JsonValue>& properties,
                                 const FilePoint& model, ReadPoints& out) {
  const std::string type = TextOf(FindMember(geometry, "type"));
  const auto coordinates = FindMember(geometry, "coordinates");
  if (!coordinates) return Bad("bad_feature", out);
  if (type == "Point") {
    FilePoint point = model;
    point.segment = segment_;
    const auto time =
        properties ? FindFirst(*properties, {"fix_time", "time", "timestamp"}) : std::nullopt;
    if (!SetTime(point, time)) return Bad("bad_time", out);
    return TakePlace(*coordinates, std::move(point), out);
  }
  std::optional<JsonValue> times;
  if (properties) {
    times = FindMember(*properties, "coordTimes");
    const auto newer = FindMember(*properties, "coordinateProperties");
    if (!times && newer && newer->is_object()) times = FindMember(*newer, "times");
  }
  if (type == "LineString") return TakeLine(*coordinates, times, model, out);
  if (type != "MultiLineString" || !coordinates->is_array()) return Bad("bad_feature", out);
  JsonArrayReader lines(*coordinates);
  std::optional<JsonArrayReader> clocks;
  if (times && times->is_array()) clocks.emplace(*times);
  while (auto line = lines.Next()) {
    TakeLine(*line, clocks ? clocks->Next() : std::nullopt, model, out);
  }
}

void GeoJsonPoints::TakeFeature(JsonValue feature, ReadPoints& out) {
  const auto geometry = FindMember(feature, "geometry");
  if (!geometry || !geometry->is_object()) return Bad("bad_feature", out);
  auto properties = FindMember(feature, "properties");
  if (properties && !properties->is_object()) properties.reset();
  FilePoint model = properties ? ModelOf(*properties) : FilePoint{};
  // Points of one file are of one track unless they say whose they are; each line is one.
  if (TextOf(FindMember(*geometry, "type")) != "Point") {
    model.track = next_track_++;
    // Said once of a line, they are none of its points' own: millions of copies fill the memory.
    model.report.fix.attributes_json.clear();
  }
  TakeGeometry(*geometry, properties, model, out);
}

void GeoJsonPoints::TakeText(std::string_view text, ReadPoints& out) {
  const auto feature = base::ScanJson(text);
  if (!feature || !feature->is_object()) return Bad("bad_feature", out);
  TakeFeature(*feature, out);
}

Result<void> GeoJsonPoints::Finish(ReadPoints& out) {
  auto text = splitter_.Finish();
  if (!text) return Err(std::move(text.error()));
  const auto document = base::ScanJson(*text);
  const std::string type =
      document && document->is_object() ? TextOf(FindMember(*document, "type")) : "";
  if (type == "FeatureCollection") return Ok();
  if (type == "Feature") {
    TakeFeature(*document, out);
  } else if (type == "LineString" || type == "MultiLineString" || type == "Point") {
    TakeGeometry(*document, std::nullopt, FilePoint{}, out);
  } else {
    return Err("not_geojson",
               "the document is no FeatureCollection, Feature or geometry of points");
  }
  return Ok();
}

}  // namespace

std::unique_ptr<PointReader> MakeGeoJsonPoints() { return std::make_unique<GeoJsonPoints>(); }

}  // namespace trackwire::formats
