#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tracking/position.h"

namespace trackwire::formats {

enum class TrackFormat { kCsv, kGpx, kGeoJson };

/// `csv`, `gpx` or `geojson`; nothing for other words.
std::optional<TrackFormat> ParseTrackFormat(std::string_view word);
/// For the Content-Type of an answer.
const char* ContentTypeOf(TrackFormat format);
/// For file names, without a dot.
const char* FileExtensionOf(TrackFormat format);

struct WriterOptions {
  /// Two positions that lie further apart in time are not one run: a new segment or line begins.
  std::chrono::milliseconds gap = std::chrono::minutes(15);
  /// GeoJSON: lines with `coordTimes` instead of a point each; a line has no more but places,
  /// altitudes and times.
  bool lines = false;
  /// GeoJSON: a line with more points goes on in another feature, so that its times need not wait
  /// in memory without end.
  size_t max_line_points = 10'000;
};

/// Writes positions of one or more trackers as one document, piece by piece.
///
/// Begin(), then for each tracker StartTrack() and its positions, then End(); each appends to
/// `out`, which the caller may send and clear in between. Memory does not grow with the document.
/// Numbers and times stand as tracking::ToJson() prints them; unknown is left out. What the
/// matching reader makes of the document is what was written. Any thread, one at a time.
class TrackWriter {
 public:
  virtual ~TrackWriter() = default;
  virtual void Begin(std::string& out) = 0;
  /// What follows is of this tracker; `name` may be empty. Both UTF-8.
  virtual void StartTrack(std::string& out, const tracking::Id& id, std::string_view name) = 0;
  virtual void Add(std::string& out, const tracking::Position& position) = 0;
  virtual void End(std::string& out) = 0;
};

/// CSV (RFC 4180, with a header line; text that a spreadsheet would take for a formula has an
/// apostrophe in front), GPX 1.1, or GeoJSON (RFC 7946, a FeatureCollection).
std::unique_ptr<TrackWriter> MakeTrackWriter(TrackFormat format, const WriterOptions& options);

}  // namespace trackwire::formats
