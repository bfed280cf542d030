#include "geocoding/country_finder.h"

#include <algorithm>

namespace trackwire::geocoding {
namespace {

constexpr double kSteps = 65535;  // of a cell's width

/// Whether the point is within the ring, by how often a line to the east crosses it.
bool Contains(std::span<const VertexRecord> ring, double x, double y) {
  bool inside = false;
  VertexRecord from = ring.back();
  for (const VertexRecord to : ring) {
    if ((from.y > y) != (to.y > y)) {
      const double t = (y - from.y) / (double{1} * to.y - from.y);
      if (x < from.x + t * (double{1} * to.x - from.x)) inside = !inside;
    }
    from = to;
  }
  return inside;
}

/// `x` and `y` in steps from the cell's corner. An area's holes follow it; the first area that
/// holds the point has it.
std::optional<uint16_t> FindAmongRings(const IndexFile& file, const MixedRecord& cell, double x,
                                       double y) {
  bool inside = false;
  uint16_t country = 0;
  for (const RingRecord& ring : file.rings.subspan(cell.first_ring, cell.ring_count)) {
    if ((ring.country & kNewArea) != 0) {
      if (inside) return country;
      country = ring.country & ~kNewArea;
    }
    if (Contains(file.vertices.subspan(ring.first_vertex, ring.vertex_count), x, y))
      inside = !inside;
  }
  if (inside) return country;
  if (cell.rest == 0) return std::nullopt;
  return static_cast<uint16_t>(cell.rest - 1);
}

/// The cell's number along one axis of `count`, and how far in it the point is.
std::pair<uint32_t, double> Split(double degrees, uint32_t count) {
  const uint32_t cell = std::min(static_cast<uint32_t>(degrees), count - 1);
  return {cell, degrees - cell};
}

}  // namespace

std::optional<uint16_t> FindCountry(const IndexFile& file, double latitude, double longitude) {
  const auto [row, north] = Split(latitude + 90, 180);
  const auto [column, east] = Split(longitude + 180, 360);
  const CellRecord record = file.cells[row * 360 + column];
  if (record == 0) return std::nullopt;
  if ((record & kMixedCell) == 0) return static_cast<uint16_t>(record - 1);
  const MixedRecord& cell = file.mixed[record & ~kMixedCell];
  if (cell.mask != 0) {
    const uint32_t bit_row = std::min(static_cast<uint32_t>(north * 64), 63U);
    const uint32_t bit = std::min(static_cast<uint32_t>(east * 64), 63U);
    if (((file.masks[cell.mask - 1].rows[bit_row] >> bit) & 1) == 0) return std::nullopt;
  }
  // The last cells hold their outer edge: 180 degrees, and the pole.
  return FindAmongRings(file, cell, std::min(east * kSteps, kSteps - 0.5),
                        std::min(north * kSteps, kSteps - 0.5));
}

}  // namespace trackwire::geocoding
