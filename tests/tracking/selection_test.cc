#include "tracking/selection.h"

#include <gtest/gtest.h>

namespace trackwire::tracking {
namespace {

Subject At(double latitude, double longitude) {
  return {Id(int64_t{7}), std::nullopt, LatLon{latitude, longitude}};
}

TEST(BoundingBoxTest, HasItsEdgesAndCrossesTheAntimeridian) {
  const BoundingBox plain{-10, -5, 10, 5};
  EXPECT_TRUE(plain.Contains({5, 10}));
  EXPECT_TRUE(plain.Contains({-5, -10}));
  EXPECT_FALSE(plain.Contains({5.0001, 0}));
  EXPECT_FALSE(plain.Contains({0, 10.0001}));
  const BoundingBox across{170, -5, -170, 5};
  EXPECT_TRUE(across.Contains({0, 175}));
  EXPECT_TRUE(across.Contains({0, -175}));
  EXPECT_TRUE(across.Contains({0, 180}));
  EXPECT_FALSE(across.Contains({0, 0}));
}

TEST(SelectionTest, SelectsWhatIsInAnyOfItsParts) {
  Selection chosen;
  EXPECT_FALSE(chosen.Selects(At(0, 0))) << "who chose nothing gets nothing";
  chosen.box = BoundingBox{-1, -1, 1, 1};
  EXPECT_TRUE(chosen.Selects(At(0, 0)));
  EXPECT_FALSE(chosen.Selects(At(2, 0)));
  EXPECT_FALSE(chosen.Selects({Id(int64_t{7}), std::nullopt, std::nullopt})) << "it is nowhere";
  chosen.trackers.insert(Id(int64_t{7}));
  EXPECT_TRUE(chosen.Selects(At(2, 0)));
  EXPECT_FALSE(chosen.Selects({Id(std::string("7")), std::nullopt, std::nullopt}))
      << "ids keep their type";
  chosen.clients.insert(Id(std::string("acme")));
  EXPECT_TRUE(chosen.Selects({Id(int64_t{9}), Id(std::string("acme")), std::nullopt}));
}

}  // namespace
}  // namespace trackwire::tracking
