#include "tracking/grid.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace trackwire::tracking {
namespace {

bool Covers(const BoundingBox& box, LatLon place) {
  const auto cells = CellsOf(box);
  return std::find(cells.begin(), cells.end(), CellAt(LevelOf(box), place)) != cells.end();
}

/// Boxes and places of every size, and often at the edges of the map and of each other.
class Map {
 public:
  explicit Map(uint32_t seed) : random_(seed) {}

  double Between(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }

  double Longitude() {
    switch (Below(6)) {
      case 0: return 180;
      case 1: return -180;
      case 2: return 0;
      case 3: return 45.0 * (static_cast<double>(Below(9)) - 4);
      default: return Between(-180, 180);
    }
  }
  double Latitude() {
    switch (Below(6)) {
      case 0: return 90;
      case 1: return -90;
      case 2: return 22.5 * (static_cast<double>(Below(9)) - 4);
      default: return Between(-90, 90);
    }
  }
  BoundingBox Box() {
    if (Below(20) == 0) return {-180, -90, 180, 90};
    const double west = Longitude();
    const double south = Latitude();
    if (Below(3) == 0) {
      const double north = Latitude();
      return {west, std::min(south, north), Longitude(), std::max(south, north)};
    }
    const double side = 360.0 / static_cast<double>(uint32_t{1} << Below(22));
    double east = west + side * Between(0, 1);
    if (east > 180) east -= 360;  // over the antimeridian
    return {west, south, east, std::min(90.0, south + side * Between(0, 1))};
  }
  /// Somewhere, or at a corner of `box`, or close to it.
  LatLon PlaceNear(const BoundingBox& box) {
    if (Below(3) == 0) return {Latitude(), Longitude()};
    double longitude = Below(2) == 0 ? box.west : box.east;
    double latitude = Below(2) == 0 ? box.south : box.north;
    if (Below(2) == 0) longitude += Between(-1, 1) * Width(box);
    if (Below(2) == 0) latitude += Between(-1, 1) * (box.north - box.south);
    if (longitude > 180) longitude -= 360;
    if (longitude < -180) longitude += 360;
    return {std::clamp(latitude, -90.0, 90.0), longitude};
  }
  static double Width(const BoundingBox& box) {
    return box.west <= box.east ? box.east - box.west : box.east - box.west + 360;
  }

 private:
  std::mt19937 random_;
};

TEST(GridTest, FindsByCellsWhateverABoxContains) {
  Map map(1);
  int inside = 0;
  int outside = 0;
  for (int round = 0; round < 200'000; ++round) {
    const BoundingBox box = map.Box();
    const LatLon place = map.PlaceNear(box);
    if (!box.Contains(place)) {
      outside += Covers(box, place) ? 0 : 1;
      continue;
    }
    ++inside;
    ASSERT_TRUE(Covers(box, place))
        << ToJson(box) << " at " << place.latitude << ", " << place.longitude;
  }
  EXPECT_GT(inside, 40'000);
  EXPECT_GT(outside, 20'000) << "the grid leaves out most of what is elsewhere";
}

TEST(GridTest, TakesFewCellsForAnyBox) {
  Map map(2);
  for (int round = 0; round < 50'000; ++round) {
    const BoundingBox box = map.Box();
    const auto cells = CellsOf(box);
    ASSERT_GE(cells.size(), 1u);
    ASSERT_LE(cells.size(), kMaxCellsOfBox) << ToJson(box);
    ASSERT_EQ(std::set<GridCell>(cells.begin(), cells.end()).size(), cells.size())
        << ToJson(box) << " has a cell twice";
    for (const GridCell& cell : cells) {
      ASSERT_EQ(cell.level, LevelOf(box));
      ASSERT_LT(cell.column, uint32_t{1} << cell.level);
      ASSERT_LT(cell.row, std::max(uint32_t{1}, (uint32_t{1} << cell.level) / 2));
    }
  }
}

TEST(GridTest, CoversLittleMoreThanTheBox) {
  Map map(3);
  for (int round = 0; round < 20'000; ++round) {
    BoundingBox box = map.Box();
    const double width = Map::Width(box);
    const double height = box.north - box.south;
    // Smaller ones than the finest cells, and those far longer than wide, waste more.
    if (width < 0.02 || height < 0.02 || width > 4 * height || height > 4 * width) continue;
    const auto cells = CellsOf(box);
    const double side = 360.0 / static_cast<double>(uint32_t{1} << cells.front().level);
    const double covered = side * side * static_cast<double>(cells.size());
    ASSERT_LT(covered, 10 * width * height) << ToJson(box);
  }
}

TEST(GridTest, KnowsTheEndsOfTheWorld) {
  const BoundingBox world{-180, -90, 180, 90};
  for (const double latitude : {-90.0, 0.0, 90.0}) {
    for (const double longitude : {-180.0, 0.0, 180.0}) {
      EXPECT_TRUE(Covers(world, {latitude, longitude}));
    }
  }
  EXPECT_TRUE(Covers({170, -5, -170, 5}, {0, 180}));
  EXPECT_TRUE(Covers({170, -5, -170, 5}, {0, -180}));
  EXPECT_TRUE(Covers({170, -5, 180, 5}, {0, -180})) << "the same meridian";
  EXPECT_TRUE((BoundingBox{170, -5, 180, 5}.Contains({0, -180})));
  EXPECT_TRUE(Covers({0, 89, 1, 90}, {90, 0.5})) << "the pole";
  EXPECT_FALSE(Covers({0, 0, 1, 1}, {50, 50}));
}

}  // namespace
}  // namespace trackwire::tracking
