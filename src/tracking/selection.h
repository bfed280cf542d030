#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/json_scanner.h"
#include "base/result.h"
#include "tracking/position.h"

namespace trackwire::tracking {

/// A part of the map between two meridians and two parallels, in degrees. One whose west lies east
/// of its east crosses the antimeridian.
struct BoundingBox {
  double west = 0;
  double south = 0;
  double east = 0;
  double north = 0;

  /// Its edges belong to it. 180 degrees east and west are one meridian.
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
  size_t id_count() const { return trackers.size() + clients.size(); }
  friend bool operator==(const Selection&, const Selection&) = default;
};

/// Reads `[west, south, east, north]`: finite, latitudes in -90..90, longitudes in -180..180, not
/// upside down. Error: `invalid_request`.
Result<BoundingBox> ReadBox(base::JsonValue value);
/// `[west,south,east,north]`.
std::string ToJson(const BoundingBox& box);
/// `["a",7]`.
std::string ToJson(const std::set<Id>& ids);

/// `{"trackers":[…],"clients":[…],"bbox":[…]|null}`, as session records keep it.
std::string ToJson(const Selection& selection);
/// Reads the same; nothing when it is none.
std::optional<Selection> ParseSelection(std::string_view json);

}  // namespace trackwire::tracking
