// A feed of GTFS-Realtime: what is read of it is in range, and reading it twice says the same.
#include "formats/gtfs_rt.h"

#include <cstdint>
#include <string_view>

#include "tests/fuzz/formats_reports.h"

using namespace trackwire;           // NOLINT
using namespace trackwire::formats;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const WallTime now(std::chrono::seconds(1'800'000'000));
  const auto feed = ReadGtfsRealtime(bytes, now);
  if (!feed) return 0;
  CHECK(feed->reports.size() + feed->bad <= size);
  for (const Report& report : feed->reports) {
    CheckReport(report);
    CHECK(!report.external_id.empty());
  }
  const auto again = ReadGtfsRealtime(bytes, now);
  CHECK(again && again->reports.size() == feed->reports.size() && again->bad == feed->bad);
  return 0;
}
