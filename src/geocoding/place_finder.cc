#include "geocoding/place_finder.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "geocoding/great_circle.h"
#include "geocoding/index_check.h"

namespace trackwire::geocoding {
namespace {

constexpr double kRadians = std::numbers::pi / 180;

/// The square of the chord, which grows with the distance.
float Chord2(const PlaceRecord& place, const std::array<float, 3>& point) {
  float sum = 0;
  for (size_t axis = 0; axis < 3; ++axis) {
    const float d = place.at[axis] - point[axis];
    sum += d * d;
  }
  return sum;
}

float Chord2(const NodeRecord& node, const std::array<float, 3>& point) {
  float sum = 0;
  for (size_t axis = 0; axis < 3; ++axis) {
    const float d = std::max({node.low[axis] - point[axis], 0.0F, point[axis] - node.high[axis]});
    sum += d * d;
  }
  return sum;
}

/// Walks a tree, near branches first, and leaves out what `Goal` cannot use.
/// Goal: `float Cost(const Record&, float chord2)` of places and, never more than that of any place
/// below it, of nodes; `float least`; `void Take(const PlaceRecord&, float cost)`.
template <typename Goal>
void Search(const IndexFile& file, const CountryRecord& country, const std::array<float, 3>& point,
            Goal& goal) {
  if (country.node_count == 0) return;
  struct Branch {
    uint32_t node;
    float cost;
  };
  std::array<Branch, kMaxTreeDepth + 2> branches;
  size_t waiting = 0;
  const auto branch = [&](uint32_t node) {
    return Branch{node, goal.Cost(file.nodes[node], Chord2(file.nodes[node], point))};
  };
  branches[waiting++] = branch(country.first_node);
  while (waiting > 0) {
    const Branch next = branches[--waiting];
    if (!(next.cost < goal.least)) continue;
    const NodeRecord& node = file.nodes[next.node];
    if (node.count == 0) {
      Branch near = branch(next.node + 1);
      Branch far = branch(node.first);
      if (far.cost < near.cost) std::swap(near, far);
      branches[waiting++] = far;
      branches[waiting++] = near;
      continue;
    }
    for (const PlaceRecord& place : file.places.subspan(node.first, node.count)) {
      const float cost = goal.Cost(place, Chord2(place, point));
      if (cost < goal.least) goal.Take(place, cost);
    }
  }
}

constexpr float kNever = std::numeric_limits<float>::infinity();

struct NearestGoal {
  float least;
  const PlaceRecord* found = nullptr;

  template <typename Record>
  float Cost(const Record&, float chord2) const {
    return chord2;
  }
  void Take(const PlaceRecord& place, float cost) {
    found = &place;
    least = cost;
  }
};

struct BestGoal {
  float limit;     ///< chord2
  uint32_t state;  ///< 0: any
  float least = kNever;
  const PlaceRecord* found = nullptr;

  float Scaled(float chord2, float reach) const {
    return chord2 < limit && reach > 0 ? chord2 / (reach * reach) : kNever;
  }
  float Cost(const NodeRecord& node, float chord2) const { return Scaled(chord2, node.reach); }
  float Cost(const PlaceRecord& place, float chord2) const {
    return state == 0 || place.state == state ? Scaled(chord2, place.reach) : kNever;
  }
  void Take(const PlaceRecord& place, float cost) {
    found = &place;
    least = cost;
  }
};

}  // namespace

SpherePoint ToSphere(double latitude, double longitude) {
  const double phi = latitude * kRadians;
  const double lambda = longitude * kRadians;
  return {std::cos(phi) * std::cos(lambda), std::cos(phi) * std::sin(lambda), std::sin(phi)};
}

double DistanceM(const SpherePoint& from, const SpherePoint& to) {
  const double chord = std::hypot(from[0] - to[0], from[1] - to[1], from[2] - to[2]);
  return 2 * kEarthRadiusM * std::asin(std::min(1.0, chord / 2));
}

double BearingOf(const SpherePoint& from, const SpherePoint& to) {
  const double east = from[0] * to[1] - from[1] * to[0];
  const double flat = from[0] * from[0] + from[1] * from[1];
  const double north = to[2] * flat - from[2] * (from[0] * to[0] + from[1] * to[1]);
  const double degrees = std::atan2(east, north) / kRadians;
  return degrees < 0 ? degrees + 360 : degrees;
}

NearPlaces FindPlaces(const IndexFile& file, const CountryRecord& country, const SpherePoint& point,
                      double limit_m) {
  const std::array<float, 3> at{static_cast<float>(point[0]), static_cast<float>(point[1]),
                                static_cast<float>(point[2])};
  const double chord = 2 * std::sin(limit_m / kEarthRadiusM / 2);
  const float limit = static_cast<float>(chord * chord);
  NearestGoal nearest{limit};
  Search(file, country, at, nearest);
  if (nearest.found == nullptr) return {};
  const bool in_state = (country.flags & kSmallStates) == 0;
  BestGoal best{limit, in_state ? nearest.found->state : 0};
  Search(file, country, at, best);
  return {nearest.found, best.found != nullptr ? best.found : nearest.found};
}

}  // namespace trackwire::geocoding
