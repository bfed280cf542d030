#include "tracking/place_index.h"

namespace trackwire::tracking {
namespace {

constexpr uint32_t kColumnBits = 8;

uint32_t NumberOf(uint32_t column, uint32_t row) { return row << kColumnBits | column; }

}  // namespace

void PlaceIndex::Move(Spot& spot, LatLon place) {
  static_assert(kLevel == kColumnBits);
  const GridCell at = CellAt(kLevel, place);
  const uint32_t number = NumberOf(at.column, at.row);
  spot.place_ = place;
  if (spot.cell_ == number) return;
  Remove(spot);
  Cell& cell = cells_[number];
  spot.cell_ = number;
  spot.slot_ = static_cast<uint32_t>(cell.size());
  cell.push_back(&spot);
}

void PlaceIndex::Remove(Spot& spot) {
  if (!spot.placed()) return;
  const auto found = cells_.find(spot.cell_);
  Cell& cell = found->second;
  Spot* last = cell.back();
  cell[spot.slot_] = last;
  last->slot_ = spot.slot_;
  cell.pop_back();
  if (cell.empty()) cells_.erase(found);
  spot.cell_ = kNowhere;
}

bool PlaceIndex::VisitBox(const BoundingBox& box,
                          const std::function<bool(const Spot&)>& visit,
                          size_t max_looks) const {
  const GridCover cover = CoverOf(kLevel, box);
  bool enough = true;
  const auto may_look = [&] {
    enough = max_looks > 0;
    if (enough) --max_looks;
    return enough;
  };
  const auto look = [&](const Cell& cell) {
    for (const Spot* spot : cell) {
      if (!may_look()) return false;
      if (box.Contains(spot->place_) && !visit(*spot)) return false;
    }
    return true;
  };
  constexpr uint32_t kColumns = uint32_t{1} << kColumnBits;
  if (cover.size() >= cells_.size()) {
    for (const auto& [number, cell] : cells_) {
      const GridCell at{kLevel, number % kColumns, number / kColumns};
      if (!may_look() || (cover.Has(at) && !look(cell))) return enough;
    }
    return enough;
  }
  for (uint32_t row = cover.row; row < cover.row + cover.rows; ++row) {
    for (uint32_t i = 0; i < cover.columns; ++i) {
      if (!may_look()) return enough;
      const auto found = cells_.find(NumberOf((cover.column + i) % kColumns, row));
      if (found != cells_.end() && !look(found->second)) return enough;
    }
  }
  return enough;
}

}  // namespace trackwire::tracking
