// An index with numbers overwritten: pairs of an offset (4 bytes) and a number (4 bytes). What is
// opened must answer everywhere from inside of its bytes. A last odd byte cuts the file short.
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "geocoding/offline_index.h"
#include "tests/geocoding/small_index.h"

namespace trackwire::geocoding {
namespace {

void Check(const OfflineIndex& index, double latitude, double longitude) {
  const auto address = index.Look(latitude, longitude);
  if (!address) return;
  if (address->display_name.empty() || (address->distance_m && !(*address->distance_m >= 0)))
    abort();
  const auto read = ParseAddress(AddressJson(*address));
  if (!read || *read != *address) abort();
}

void FuzzIndex(const uint8_t* data, size_t size) {
  static const std::string whole = SmallIndex().bytes();
  const size_t kept = size % 8 == 0 ? whole.size() : whole.size() - data[size - 1];
  IndexCopy copy(std::string_view(whole).substr(0, kept));
  for (; size >= 8; data += 8, size -= 8) {
    uint32_t at = 0;
    std::memcpy(&at, data, sizeof at);
    std::memcpy(copy.data() + at % (copy.size() - 4), data + 4, 4);
  }
  const auto index = OfflineIndex::Read(copy.bytes());
  if (!index) return;
  for (const double latitude : {-90.0, 0.01, 0.3, 0.5, 0.99, 90.0}) {
    for (const double longitude : {-180.0, 0.01, 0.5, 1.0, 1.25, 1.75, 180.0}) {
      Check(**index, latitude, longitude);
    }
  }
}

}  // namespace
}  // namespace trackwire::geocoding

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trackwire::geocoding::FuzzIndex(data, size);
  return 0;
}
