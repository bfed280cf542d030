#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace trackwire::geocoding {

/// How fine an address is asked for.
enum class Detail : uint8_t { kBuilding, kStreet, kCity };

/// `building`, `street` or `city`, as it is configured; nothing for other words.
inline std::optional<Detail> DetailOf(std::string_view word) {
  if (word == "building") return Detail::kBuilding;
  if (word == "street") return Detail::kStreet;
  if (word == "city") return Detail::kCity;
  return std::nullopt;
}

}  // namespace trackwire::geocoding
