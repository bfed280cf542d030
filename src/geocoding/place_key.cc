#include "geocoding/place_key.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/check.h"

namespace trackwire::geocoding {
namespace {

constexpr int kMaxDecimals = 6;
constexpr int64_t kPole = 90;
constexpr int64_t kHalfTurn = 180;

/// Coordinates in units of the last decimal.
struct Cell {
  int64_t latitude = 0;
  int64_t longitude = 0;
};

int64_t UnitsPerDegree(int decimals) {
  CHECK(decimals >= 0 && decimals <= kMaxDecimals);
  int64_t units = 1;
  for (int i = 0; i < decimals; ++i) units *= 10;
  return units;
}

Cell CellOf(const Place& place, int64_t units) {
  Cell cell{std::llround(place.latitude * static_cast<double>(units)),
            std::llround(place.longitude * static_cast<double>(units))};
  if (cell.longitude == -kHalfTurn * units) cell.longitude = kHalfTurn * units;
  if (std::abs(cell.latitude) == kPole * units) cell.longitude = 0;
  return cell;
}

void AppendFixed(std::string& out, double value, int decimals) {
  std::array<char, 32> text{};
  const auto written = std::to_chars(text.data(), text.data() + text.size(), value,
                                     std::chars_format::fixed, decimals);
  out.append(text.data(), written.ptr);
}

}  // namespace

Place CellCentre(const Place& place, int decimals) {
  const int64_t units = UnitsPerDegree(decimals);
  const Cell cell = CellOf(place, units);
  return {static_cast<double>(cell.latitude) / static_cast<double>(units),
          static_cast<double>(cell.longitude) / static_cast<double>(units), place.language};
}

std::string PlaceKey(const Place& place, int decimals, const std::string& chain,
                     const std::string& detail) {
  const Place centre = CellCentre(place, decimals);
  std::string key = "geo:" + chain + ':';
  for (const char c : centre.language) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  key += ':' + detail + ':';
  AppendFixed(key, centre.latitude, decimals);
  key += ',';
  AppendFixed(key, centre.longitude, decimals);
  return key;
}

}  // namespace trackwire::geocoding
