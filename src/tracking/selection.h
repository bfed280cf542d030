#pragma once

#include <optional>
#include <set>

#include "tracking/position.h"

namespace trackwire::tracking {

/// A part of the map between two meridians and two parallels, in degrees. One whose west lies east
/// of its east crosses the antimeridian.
struct BoundingBox {
  double west = 0;
  double south = 0;
  double east = 0;
  double north = 0;

  /// Its edges belong to it.
  bool Contains(LatLon place) const;
  friend bool operator==(const BoundingBox&, const BoundingBox&) = default;
};

/// What an event is about, by everything that somebody may choose by.
struct Subject {
  Id tracker;
  std::optional<Id> client;      ///< whose tracker it is
  std::optional<LatLon> place;   ///< where it is, as far as known
};

/// What somebody wants to hear of, of what they may see: trackers, those of clients, and those in
/// a part of the map; whatever is in any of these. A plain value.
struct Selection {
  std::set<Id> trackers;
  std::set<Id> clients;
  std::optional<BoundingBox> box;

  bool Selects(const Subject& subject) const;
  friend bool operator==(const Selection&, const Selection&) = default;
};

}  // namespace trackwire::tracking
