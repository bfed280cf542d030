#pragma once

#include <string>

#include "geocoding/index_file.h"

namespace trackwire::geocoding {

/// Deeper trees than this are refused: a lookup keeps its way on the stack.
inline constexpr size_t kMaxTreeDepth = 40;

/// Follows every number of every record. Empty, or what is wrong. Linear in the file.
std::string CheckIndex(const IndexFile& file);

}  // namespace trackwire::geocoding
