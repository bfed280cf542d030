#pragma once

#include "formats/point_reader.h"

namespace trackwire::formats {

std::unique_ptr<PointReader> MakeCsvPoints(const ReaderOptions& options);
std::unique_ptr<PointReader> MakeGpxPoints();
std::unique_ptr<PointReader> MakeGeoJsonPoints();
std::unique_ptr<PointReader> MakeNmeaPoints(const ReaderOptions& options);

}  // namespace trackwire::formats
