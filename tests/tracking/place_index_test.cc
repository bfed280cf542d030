#include "tracking/place_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <set>

namespace trackwire::tracking {
namespace {

TEST(PlaceIndexTest, FindsWhatIsInABoxLikeALookAtEverything) {
  std::mt19937 random(5);
  const auto below = [&](uint32_t end) { return static_cast<uint32_t>(random() % end); };
  const auto longitude = [&] { return -180 + 7.5 * static_cast<double>(below(49)); };
  const auto latitude = [&] { return -90 + 7.5 * static_cast<double>(below(25)); };
  PlaceIndex index;
  std::deque<PlaceIndex::Spot> spots(300);
  size_t found_in_all = 0;
  for (int round = 0; round < 3'000; ++round) {
    for (int i = 0; i < 5; ++i) {
      PlaceIndex::Spot& spot = spots[below(300)];
      if (below(4) == 0) {
        index.Remove(spot);
        EXPECT_FALSE(spot.placed());
      } else {
        index.Move(spot, {latitude(), longitude()});
      }
    }
    const double a = latitude();
    const double b = latitude();
    const BoundingBox box{longitude(), std::min(a, b), longitude(), std::max(a, b)};
    std::multiset<const PlaceIndex::Spot*> found;
    index.VisitBox(box, [&](const PlaceIndex::Spot& spot) {
      found.insert(&spot);
      return true;
    });
    std::multiset<const PlaceIndex::Spot*> expected;
    for (const PlaceIndex::Spot& spot : spots) {
      if (spot.placed() && box.Contains(spot.place())) expected.insert(&spot);
    }
    ASSERT_EQ(found, expected) << ToJson(box);
    found_in_all += found.size();
  }
  EXPECT_GT(found_in_all, 10'000u);
}

TEST(PlaceIndexTest, StopsWhenItIsToldTo) {
  PlaceIndex index;
  std::deque<PlaceIndex::Spot> spots(10);
  for (PlaceIndex::Spot& spot : spots) index.Move(spot, {1, 1});
  for (const BoundingBox& box : {BoundingBox{-180, -90, 180, 90}, BoundingBox{0, 0, 2, 2}}) {
    int seen = 0;
    index.VisitBox(box, [&](const PlaceIndex::Spot&) { return ++seen < 3; });
    EXPECT_EQ(seen, 3);
  }
}

}  // namespace
}  // namespace trackwire::tracking
