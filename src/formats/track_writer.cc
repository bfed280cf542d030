#include "formats/track_writer.h"

#include "base/check.h"
#include "formats/track_writers.h"

namespace trackwire::formats {

std::optional<TrackFormat> ParseTrackFormat(std::string_view word) {
  if (word == "csv") return TrackFormat::kCsv;
  if (word == "gpx") return TrackFormat::kGpx;
  if (word == "geojson") return TrackFormat::kGeoJson;
  return std::nullopt;
}

const char* ContentTypeOf(TrackFormat format) {
  switch (format) {
    case TrackFormat::kCsv:
      return "text/csv; charset=utf-8; header=present";
    case TrackFormat::kGpx:
      return "application/gpx+xml";
    case TrackFormat::kGeoJson:
      break;
  }
  return "application/geo+json";
}

const char* FileExtensionOf(TrackFormat format) {
  switch (format) {
    case TrackFormat::kCsv:
      return "csv";
    case TrackFormat::kGpx:
      return "gpx";
    case TrackFormat::kGeoJson:
      break;
  }
  return "geojson";
}

std::unique_ptr<TrackWriter> MakeTrackWriter(TrackFormat format, const WriterOptions& options) {
  switch (format) {
    case TrackFormat::kCsv:
      return MakeCsvWriter();
    case TrackFormat::kGpx:
      return MakeGpxWriter(options);
    case TrackFormat::kGeoJson:
      break;
  }
  return MakeGeoJsonWriter(options);
}

}  // namespace trackwire::formats
