#include "formats/point_reader.h"

#include <array>

#include "base/text.h"
#include "formats/point_readers.h"

namespace trackwire::formats {
namespace {

struct Ending {
  std::string_view text;
  FileFormat format;
};

constexpr std::array<Ending, 8> kEndings{{{"csv", FileFormat::kCsv},
                                          {"gpx", FileFormat::kGpx},
                                          {"geojson", FileFormat::kGeoJson},
                                          {"json", FileFormat::kGeoJson},
                                          {"nmea", FileFormat::kNmea},
                                          {"nma", FileFormat::kNmea},
                                          {"ais", FileFormat::kNmea},
                                          {"aivdm", FileFormat::kNmea}}};

}  // namespace

std::optional<FileFormat> ParseFileFormat(std::string_view word) {
  if (word == "csv") return FileFormat::kCsv;
  if (word == "gpx") return FileFormat::kGpx;
  if (word == "geojson") return FileFormat::kGeoJson;
  if (word == "nmea") return FileFormat::kNmea;
  return std::nullopt;
}

std::optional<FileFormat> FileFormatOfPath(std::string_view path) {
  const auto cut = [&path] {
    const size_t dot = path.rfind('.');
    const std::string_view ending = dot == path.npos ? std::string_view() : path.substr(dot + 1);
    path = path.substr(0, dot);
    return ending;
  };
  std::string_view ending = cut();
  if (base::EqualsIgnoreCase(ending, "gz")) ending = cut();
  for (const Ending& known : kEndings) {
    if (base::EqualsIgnoreCase(ending, known.text)) return known.format;
  }
  return std::nullopt;
}

std::unique_ptr<PointReader> MakePointReader(FileFormat format, const ReaderOptions& options) {
  switch (format) {
    case FileFormat::kCsv:
      return MakeCsvPoints(options);
    case FileFormat::kGpx:
      return MakeGpxPoints();
    case FileFormat::kGeoJson:
      return MakeGeoJsonPoints();
    case FileFormat::kNmea:
      break;
  }
  return MakeNmeaPoints(options);
}

}  // namespace trackwire::formats
