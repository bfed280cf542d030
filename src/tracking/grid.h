#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tracking/position.h"
#include "tracking/selection.h"

namespace trackwire::tracking {

/// One cell of a grid of several levels over the map.
///
/// Level 0 is one cell. Each further level halves the sides: 2^level columns from the antimeridian
/// eastwards, and rows as high as the columns are wide, in degrees, from the south pole up.
struct GridCell {
  uint8_t level = 0;
  uint32_t column = 0;
  uint32_t row = 0;

  friend auto operator<=>(const GridCell&, const GridCell&) = default;
};

/// The finest level: cells of about 150 m at the equator.
inline constexpr size_t kGridLevels = 19;
/// A box never takes more cells than this.
inline constexpr size_t kMaxCellsOfBox = 16;

/// The cell of a level that a place is in. Places at 180 degrees east are those at 180 west.
GridCell CellAt(size_t level, LatLon place);

/// The cells of one level that cover a box: a run of columns eastwards, over the antimeridian if
/// need be, and of rows northwards.
struct GridCover {
  uint8_t level = 0;
  uint32_t column = 0;
  uint32_t columns = 0;
  uint32_t row = 0;
  uint32_t rows = 0;

  uint64_t size() const { return uint64_t{columns} * rows; }
  bool Has(const GridCell& cell) const;
};
/// `box` is one that ReadBox() takes.
GridCover CoverOf(size_t level, const BoundingBox& box);

/// The cells of one level that cover a box, each once: the finest level at which kMaxCellsOfBox
/// are enough. `box` is one that ReadBox() takes. Whatever is in the box is in one of its cells,
/// and what is in its cells is mostly in the box: the caller asks BoundingBox::Contains().
std::vector<GridCell> CellsOf(const BoundingBox& box);
/// The level of those cells.
size_t LevelOf(const BoundingBox& box);

}  // namespace trackwire::tracking
