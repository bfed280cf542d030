#include "tracking/grid.h"

#include <algorithm>
#include <cmath>

namespace trackwire::tracking {
namespace {

uint32_t ColumnsOf(size_t level) { return uint32_t{1} << level; }
uint32_t RowsOf(size_t level) { return std::max(ColumnsOf(level) / 2, uint32_t{1}); }

/// In degrees; exact, as 360 halved any of these times is.
double SideOf(size_t level) { return 360.0 / ColumnsOf(level); }

/// Rises with the longitude; the number of columns for 180 degrees east, which is column 0.
uint32_t RawColumn(size_t level, double longitude) {
  return static_cast<uint32_t>(std::floor((longitude + 180) / SideOf(level)));
}

uint32_t RowAt(size_t level, double latitude) {
  const auto row = static_cast<uint32_t>(std::floor((latitude + 90) / SideOf(level)));
  return std::min(row, RowsOf(level) - 1);
}

}  // namespace

GridCover CoverOf(size_t level, const BoundingBox& box) {
  GridCover cover;
  cover.level = static_cast<uint8_t>(level);
  const uint32_t all = ColumnsOf(level);
  cover.column = RawColumn(level, box.west);
  uint32_t last = RawColumn(level, box.east);
  if (box.west > box.east) last += all;
  cover.columns = std::min(last - cover.column + 1, all);
  cover.row = RowAt(level, box.south);
  cover.rows = RowAt(level, box.north) - cover.row + 1;
  return cover;
}

bool GridCover::Has(const GridCell& cell) const {
  const uint32_t eastwards = (cell.column - column) % ColumnsOf(level);
  return cell.level == level && eastwards < columns && cell.row - row < rows;
}

GridCell CellAt(size_t level, LatLon place) {
  return {static_cast<uint8_t>(level), RawColumn(level, place.longitude) % ColumnsOf(level),
          RowAt(level, place.latitude)};
}

size_t LevelOf(const BoundingBox& box) {
  size_t level = kGridLevels - 1;
  while (level > 0 && CoverOf(level, box).size() > kMaxCellsOfBox) --level;
  return level;
}

std::vector<GridCell> CellsOf(const BoundingBox& box) {
  const size_t level = LevelOf(box);
  const GridCover cover = CoverOf(level, box);
  std::vector<GridCell> cells;
  cells.reserve(cover.size());
  for (uint32_t i = 0; i < cover.columns; ++i) {
    const uint32_t column = (cover.column + i) % ColumnsOf(level);
    for (uint32_t j = 0; j < cover.rows; ++j) {
      cells.push_back({static_cast<uint8_t>(level), column, cover.row + j});
    }
  }
  return cells;
}

}  // namespace trackwire::tracking
