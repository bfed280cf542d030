// See point_reader_fuzz.h.
#include "tests/fuzz/point_reader_fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  trackwire::FuzzPoints(trackwire::formats::FileFormat::kNmea, data, size);
  return 0;
}
