#include <limits>
#include <map>

#include "base/text.h"
#include "formats/fields.h"
#include "formats/id_text.h"
#include "formats/point_readers.h"
#include "formats/track_writers.h"
#include "formats/xml_scanner.h"

namespace trackwire::formats {
namespace {

enum class Element : uint8_t {
  kOther,
  kGpx,
  kTrack,
  kRoute,
  kSegment,
  kPoint,
  kTrackExtensions,
  kPointExtensions,  ///< and what vendors put in there to hold others
  kTrackName,
  kTrackerId,
  // Of a point:
  kAltitude,
  kTime,
  kSpeed,
  kCourse,
  kHeading,
  kAccuracy,
  kBattery,
  kValid,
  kMotion,
  kSource,
  kReceivedAt,
  kAttributes,
};

/// Namespaces whose `speed` and `course` are known to be metres a second and degrees; empty: what
/// stands in no namespace or GPX's own.
bool IsKnownVendor(std::string_view space) {
  return space.empty() || space.starts_with("http://www.topografix.com/GPX/") ||
         space.starts_with("http://www.garmin.com/xmlschemas/TrackPointExtension/") ||
         space.starts_with("https://osmand.net") || space.starts_with("http://osmand.net");
}

Element Lookup(const std::map<std::string_view, Element>& names, std::string_view name) {
  const auto found = names.find(name);
  return found == names.end() ? Element::kOther : found->second;
}

Element OurExtension(std::string_view local) {
  static const std::map<std::string_view, Element> names = {
      {"heading", Element::kHeading},        {"accuracy", Element::kAccuracy},
      {"battery_level", Element::kBattery},  {"valid", Element::kValid},
      {"motion", Element::kMotion},          {"source", Element::kSource},
      {"received_at", Element::kReceivedAt}, {"attributes", Element::kAttributes}};
  return Lookup(names, local);
}

Element VendorExtension(std::string_view local) {
  static const std::map<std::string_view, Element> names = {
      {"speed", Element::kSpeed}, {"course", Element::kCourse}, {"bearing", Element::kCourse}};
  return Lookup(names, local);
}

Element InPoint(std::string_view local) {
  static const std::map<std::string_view, Element> names = {
      {"ele", Element::kAltitude},
      {"time", Element::kTime},
      {"speed", Element::kSpeed},
      {"course", Element::kCourse},
      {"extensions", Element::kPointExtensions}};
  return Lookup(names, local);
}

class GpxPoints final : public PointReader, private XmlScanner::Handler {
 public:
  Result<void> Feed(std::string_view bytes, ReadPoints& out) override {
    out_ = &out;
    return scanner_.Feed(bytes);
  }
  Result<void> Finish(ReadPoints& out) override {
    out_ = &out;
    return scanner_.Finish();
  }

 private:
  Result<void> OnOpen(const XmlScanner::Name& name,
                      const XmlScanner::Attributes& attributes) override;
  void OnClose(std::string_view text) override;
  Element Classify(const XmlScanner::Name& name) const;
  Element InExtensions(const XmlScanner::Name& name) const;
  void OpenTrack();
  void OpenPoint(const XmlScanner::Name& name, const XmlScanner::Attributes& attributes);
  void TakeText(Element element, std::string_view text);
  void TakeTime(std::string_view text);
  void ClosePoint();

  XmlScanner scanner_{*this, XmlScanner::Limits{}};
  ReadPoints* out_ = nullptr;
  std::vector<Element> path_;
  uint32_t next_track_ = 0;
  uint32_t segment_ = 0;
  std::optional<uint32_t> waypoints_;  ///< the track that they all are
  std::string track_name_;
  std::optional<tracking::Id> track_id_;
  FilePoint point_;
  const char* wrong_ = nullptr;  ///< with point_
};

Element GpxPoints::InExtensions(const XmlScanner::Name& name) const {
  const bool ours = name.space == kGpxNamespace;
  if (path_.back() == Element::kTrackExtensions) {
    return ours && name.local == "tracker_id" ? Element::kTrackerId : Element::kOther;
  }
  if (ours) return OurExtension(name.local);
  if (!IsKnownVendor(name.space)) return Element::kOther;
  const Element known = VendorExtension(name.local);
  // What is no value may hold some.
  return known == Element::kOther ? Element::kPointExtensions : known;
}

Element GpxPoints::Classify(const XmlScanner::Name& name) const {
  const std::string_view local = name.local;
  switch (path_.back()) {
    case Element::kGpx:
      if (local == "trk") return Element::kTrack;
      if (local == "rte") return Element::kRoute;
      return local == "wpt" ? Element::kPoint : Element::kOther;
    case Element::kTrack:
    case Element::kRoute:
      if (local == "name") return Element::kTrackName;
      if (local == "extensions") return Element::kTrackExtensions;
      if (path_.back() == Element::kTrack) {
        return local == "trkseg" ? Element::kSegment : Element::kOther;
      }
      return local == "rtept" ? Element::kPoint : Element::kOther;
    case Element::kSegment:
      return local == "trkpt" ? Element::kPoint : Element::kOther;
    case Element::kPoint:
      return InPoint(local);
    case Element::kTrackExtensions:
    case Element::kPointExtensions:
      return InExtensions(name);
    default:
      return Element::kOther;
  }
}

void GpxPoints::OpenTrack() {
  ++next_track_;
  ++segment_;
  track_name_.clear();
  track_id_.reset();
}

void GpxPoints::OpenPoint(const XmlScanner::Name& name, const XmlScanner::Attributes& attributes) {
  point_ = FilePoint{};
  wrong_ = nullptr;
  point_.has_time = false;
  if (name.local == "wpt") {
    if (!waypoints_) waypoints_ = next_track_++;
    point_.kind = PointKind::kWaypoint;
    point_.track = *waypoints_;
  } else {
    point_.kind = name.local == "rtept" ? PointKind::kRoute : PointKind::kTrack;
    point_.track = next_track_ - 1;
    point_.report.name = track_name_;
    point_.id = track_id_;
    if (track_id_) point_.report.external_id = IdText(*track_id_);
  }
  point_.segment = segment_;
  const double nowhere = std::numeric_limits<double>::quiet_NaN();
  const auto degrees = [&](const char* attribute) {
    const char* text = attributes.Find(attribute);
    return text == nullptr ? nowhere : ParseNumber(text).value_or(nowhere);
  };
  point_.report.fix.place = {degrees("lat"), degrees("lon")};
  if (!IsPlace(point_.report.fix.place.latitude, point_.report.fix.place.longitude)) {
    wrong_ = "bad_coordinates";
  }
}

Result<void> GpxPoints::OnOpen(const XmlScanner::Name& name,
                               const XmlScanner::Attributes& attributes) {
  if (path_.empty()) {
    if (name.local != "gpx") return Err("not_gpx", "the document is no GPX");
    path_.push_back(Element::kGpx);
    return Ok();
  }
  const Element element = Classify(name);
  path_.push_back(element);
  if (element == Element::kTrack || element == Element::kRoute) OpenTrack();
  if (element == Element::kSegment) ++segment_;
  if (element == Element::kPoint) OpenPoint(name, attributes);
  return Ok();
}

void GpxPoints::OnClose(std::string_view text) {
  const Element element = path_.back();
  path_.pop_back();
  if (element == Element::kPoint) {
    ClosePoint();
  } else {
    TakeText(element, text);
  }
}

void GpxPoints::TakeTime(std::string_view text) {
  if (base::Trim(text).empty()) return;
  const auto time = ParseFileTime(text);
  point_.has_time = time.has_value();
  if (time) {
    point_.report.fix.fix_time = *time;
  } else if (wrong_ == nullptr) {
    wrong_ = "bad_time";
  }
}

void GpxPoints::TakeText(Element element, std::string_view text) {
  tracking::Fix& fix = point_.report.fix;
  switch (element) {
    case Element::kTrackName:
      track_name_ = ShortText(text);
      break;
    case Element::kTrackerId:
      track_id_ = ParseIdText(text);
      break;
    case Element::kAltitude:
      fix.altitude_m = Altitude(ParseNumber(text));
      break;
    case Element::kTime:
      TakeTime(text);
      break;
    case Element::kSpeed:
      fix.speed_mps = Speed(ParseNumber(text));
      break;
    case Element::kCourse:
      fix.course_deg = Angle(ParseNumber(text));
      break;
    case Element::kHeading:
      fix.heading_deg = Angle(ParseNumber(text));
      break;
    case Element::kAccuracy:
      fix.accuracy_m = Accuracy(ParseNumber(text));
      break;
    case Element::kBattery:
      fix.battery_percent = Battery(ParseNumber(text));
      break;
    case Element::kValid:
      fix.valid = ParseTruth(text);
      break;
    case Element::kMotion:
      point_.motion = ParseMotion(text);
      break;
    case Element::kSource:
      fix.source = ShortText(text);
      break;
    case Element::kReceivedAt:
      point_.received_at = ParseFileTime(text);
      break;
    case Element::kAttributes:
      fix.attributes_json = FlatObject(text);
      break;
    default:
      break;
  }
}

void GpxPoints::ClosePoint() {
  if (wrong_ != nullptr) {
    out_->bad.push_back({wrong_, scanner_.line()});
  } else {
    out_->points.push_back(std::move(point_));
  }
}

}  // namespace

std::unique_ptr<PointReader> MakeGpxPoints() { return std::make_unique<GpxPoints>(); }

}  // namespace trackwire::formats
