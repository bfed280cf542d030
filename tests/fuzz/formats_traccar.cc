// An answer of Traccar, read as each of the three that it may be.
#include "formats/traccar.h"

#include <cstdint>
#include <string_view>

#include "tests/fuzz/formats_reports.h"

using namespace trackwire;           // NOLINT
using namespace trackwire::formats;  // NOLINT

namespace {

void Check(const Result<TraccarNews>& news, size_t size) {
  if (!news) return;
  // A row takes at least two bytes.
  CHECK(news->devices.size() + news->positions.size() + news->bad <= size / 2 + 1);
  for (const TraccarPosition& position : news->positions) {
    CHECK(position.report.external_id.empty());
    CheckReport(position.report);
  }
  for (const TraccarDevice& device : news->devices) {
    CHECK(!device.unique_id.empty() && device.unique_id.size() <= 256);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Check(ReadTraccarDevices(text), size);
  Check(ReadTraccarPositions(text), size);
  Check(ReadTraccarMessage(text), size);
  return 0;
}
