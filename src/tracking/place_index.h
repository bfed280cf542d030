#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <vector>

#include "tracking/grid.h"

namespace trackwire::tracking {

/// Where things are, so that those in a box are found without a look at all of them.
///
/// Moving and removing take constant time but for the search for a cell. Thread-compatible.
class PlaceIndex {
 public:
  /// The index's part of a thing; whoever owns the thing removes it before it goes.
  class Spot {
   public:
    Spot() = default;
    Spot(const Spot&) = delete;
    Spot& operator=(const Spot&) = delete;
    bool placed() const { return cell_ != kNowhere; }
    LatLon place() const { return place_; }

   private:
    friend class PlaceIndex;
    LatLon place_;
    uint32_t cell_ = kNowhere;
    uint32_t slot_ = 0;
  };

  void Move(Spot& spot, LatLon place);
  void Remove(Spot& spot);

  /// Calls `visit` for each spot in the box, in no order, until it says false; it must not change
  /// the index. Looks at `max_looks` cells and spots at most; false when that was too few.
  bool VisitBox(const BoundingBox& box, const std::function<bool(const Spot&)>& visit,
                size_t max_looks = std::numeric_limits<size_t>::max()) const;

 private:
  static constexpr size_t kLevel = 8;  // cells of 1.4 degrees
  static constexpr uint32_t kNowhere = ~uint32_t{0};
  using Cell = std::vector<Spot*>;

  std::map<uint32_t, Cell> cells_;
};

}  // namespace trackwire::tracking
