#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "formats/csv_mapping.h"
#include "formats/report.h"

namespace trackwire::formats {

enum class FileFormat { kCsv, kGpx, kGeoJson, kNmea };

/// `csv`, `gpx`, `geojson` or `nmea`; nothing for other words.
std::optional<FileFormat> ParseFileFormat(std::string_view word);
/// By how the name ends, `.gz` aside: csv; gpx; geojson, json; nmea, nma, ais, aivdm.
std::optional<FileFormat> FileFormatOfPath(std::string_view path);

/// What a point of a GPX file is; in other formats all are of a track.
enum class PointKind : uint8_t { kTrack, kRoute, kWaypoint };

/// One point out of a file.
struct FilePoint {
  Report report;                   ///< `external_id`: the tracker as the file names it, or empty
  std::optional<tracking::Id> id;  ///< where the file is of a kind that may hold our own ids
  PointKind kind = PointKind::kTrack;
  uint32_t track = 0;    ///< which track or line of the file, from 0
  uint32_t segment = 0;  ///< rises where the file says that there is a gap
  bool has_time = true;  ///< false: the file has none for it, `fix_time` says nothing
  std::optional<WallTime> received_at;
  tracking::Motion motion = tracking::Motion::kUnknown;
  // What ships say of themselves.
  std::string call_sign;
  std::string imo;
  double length_m = 0;  ///< 0: unknown
};

/// An entry that gave no point.
struct BadEntry {
  const char* reason = "";  ///< a word such as `bad_time`
  uint64_t line = 0;        ///< of the file, from 1
};

/// What became of a piece of a file.
struct ReadPoints {
  std::vector<FilePoint> points;
  std::vector<BadEntry> bad;
};

/// Reads a file piece by piece in bounded memory, however it is cut.
///
/// Numbers that are absent, sentinels or nonsense are unknown; a point without a place in range is
/// bad. Errors end the reading; what was appended before stays good. Any thread, one at a time.
class PointReader {
 public:
  virtual ~PointReader() = default;
  /// Appends what ended in `bytes`. Errors: `missing_column` (CSV); `bad_xml`, `not_gpx`,
  /// `forbidden_doctype`, `too_deep` (GPX); `bad_json`, `not_geojson` (GeoJSON); `too_large`.
  virtual Result<void> Feed(std::string_view bytes, ReadPoints& out) = 0;
  /// The file ends here. Once.
  virtual Result<void> Finish(ReadPoints& out) = 0;
  /// Fix times moved by whole turns of the week number of GPS.
  virtual uint64_t moved_times() const { return 0; }
};

struct ReaderOptions {
  /// Of a CSV file; without it the header's names are looked up among those in use.
  std::optional<CsvMapping> csv = std::nullopt;
  /// When the file begins: for NMEA without dates and AIS without times of reception.
  std::optional<WallTime> start = std::nullopt;
  /// NMEA: dates before this one are of a receiver whose week number has turned over.
  WallTime not_before{std::chrono::sys_days{std::chrono::year(1999) / 8 / 22}};
  bool require_checksum = true;  ///< NMEA
};

std::unique_ptr<PointReader> MakePointReader(FileFormat format, const ReaderOptions& options);

}  // namespace trackwire::formats
