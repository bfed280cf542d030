#pragma once

#include "formats/track_writer.h"

namespace trackwire::formats {

std::unique_ptr<TrackWriter> MakeCsvWriter();
std::unique_ptr<TrackWriter> MakeGpxWriter(const WriterOptions& options);
std::unique_ptr<TrackWriter> MakeGeoJsonWriter(const WriterOptions& options);

/// Says where one run of positions ends and the next begins.
class GapFinder {
 public:
  explicit GapFinder(std::chrono::milliseconds gap) : gap_(gap) {}
  /// The next position is the first of a track.
  void Reset() { last_.reset(); }
  /// Whether `time` begins another run; not true of the first.
  bool Next(WallTime time) {
    const bool far = last_ && (time > *last_ ? time - *last_ : *last_ - time) > gap_;
    last_ = time;
    return far;
  }

 private:
  const std::chrono::milliseconds gap_;
  std::optional<WallTime> last_;
};

/// Namespace of what our GPX files say beyond the standard.
inline constexpr const char* kGpxNamespace = "urn:trackwire:gpx:1";
inline constexpr const char* kGarminNamespace =
    "http://www.garmin.com/xmlschemas/TrackPointExtension/v2";

}  // namespace trackwire::formats
