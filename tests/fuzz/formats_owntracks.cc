// One OwnTracks message: what is read of it is in range.
#include "formats/owntracks.h"

#include <cstdint>
#include <string_view>

#include "tests/fuzz/formats_reports.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto read = trackwire::formats::ReadOwntracks(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (read && *read) trackwire::formats::CheckReport(**read);
  return 0;
}
