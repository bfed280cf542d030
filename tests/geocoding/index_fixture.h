#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "geocoding/offline_index.h"

namespace trackwire::geocoding {

inline std::string IndexPath() { return TRACKWIRE_BINARY_DIR "/geocoding.bin"; }

/// The index of the build, opened once for all tests of the program.
inline const OfflineIndex& Index() {
  static const auto index = [] {
    auto opened = OfflineIndex::Open(IndexPath());
    EXPECT_TRUE(opened) << "script/setup makes it: " << opened.error().detail;
    return opened ? *opened : nullptr;
  }();
  CHECK(index != nullptr);
  return *index;
}

}  // namespace trackwire::geocoding
