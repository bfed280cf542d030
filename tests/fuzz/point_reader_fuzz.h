// A file read whole and in small pieces gives the same points, whatever it holds; all of them lie
// on the earth; and those that have a time survive being written and read again.
#pragma once

#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "formats/point_reader.h"
#include "formats/track_writer.h"

namespace trackwire {

inline std::string ReadForFuzz(formats::FileFormat format, std::string_view bytes, size_t piece,
                               formats::ReadPoints& out) {
  auto reader = formats::MakePointReader(format, {});
  for (size_t at = 0; at < bytes.size(); at += piece) {
    auto done = reader->Feed(bytes.substr(at, piece), out);
    if (!done) return done.error().code;
  }
  auto done = reader->Finish(out);
  return done ? "" : done.error().code;
}

/// Numbers are rounded when written, so only the second reading must give what the first did.
inline std::string Rewritten(formats::TrackFormat format, const formats::ReadPoints& read) {
  auto writer = formats::MakeTrackWriter(format, {});
  std::string out;
  writer->Begin(out);
  for (const formats::FilePoint& point : read.points) {
    if (!point.has_time || !point.report.has_place) continue;
    tracking::Position position;
    position.tracker_id = point.id.value_or(tracking::Id("x"));
    position.fix = point.report.fix;
    position.received_at = point.report.fix.fix_time;
    writer->StartTrack(out, position.tracker_id, point.report.name);
    writer->Add(out, position);
  }
  writer->End(out);
  return out;
}

inline void CheckRewriting(formats::TrackFormat to, formats::FileFormat from,
                           const formats::ReadPoints& read) {
  const std::string once = Rewritten(to, read);
  formats::ReadPoints again;
  CHECK(ReadForFuzz(from, once, 1 << 20, again).empty());
  CHECK(again.bad.empty());
  CHECK(Rewritten(to, again) == once);
}

inline void FuzzPoints(formats::FileFormat format, const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  formats::ReadPoints whole;
  formats::ReadPoints pieces;
  const std::string error = ReadForFuzz(format, bytes, size + 1, whole);
  CHECK(ReadForFuzz(format, bytes, 5, pieces) == error);
  CHECK(whole.points.size() == pieces.points.size());
  CHECK(whole.bad.size() == pieces.bad.size());
  for (const formats::FilePoint& point : whole.points) {
    if (!point.report.has_place) continue;
    CHECK(std::fabs(point.report.fix.place.latitude) <= 90);
    CHECK(std::fabs(point.report.fix.place.longitude) <= 180);
  }
  CheckRewriting(formats::TrackFormat::kCsv, formats::FileFormat::kCsv, whole);
  CheckRewriting(formats::TrackFormat::kGpx, formats::FileFormat::kGpx, whole);
  CheckRewriting(formats::TrackFormat::kGeoJson, formats::FileFormat::kGeoJson, whole);
}

}  // namespace trackwire
