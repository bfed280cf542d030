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
  const BoundingBox to_the_seam{170, -5, 180, 5};
  EXPECT_TRUE(to_the_seam.Contains({0, -180})) << "180 degrees east and west are one meridian";
  EXPECT_FALSE(to_the_seam.Contains({0, -179.9}));
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

Result<BoundingBox> Box(std::string_view json) { return ReadBox(*base::ScanJson(json)); }

TEST(BoundingBoxTest, IsReadOnlyWhenItIsOne) {
  ASSERT_TRUE(Box("[-180,-90,180,90]"));
  ASSERT_TRUE(Box("[170, -5.5, -170, -5.5]"));
  EXPECT_EQ(*Box("[170,-5.5,-170,1e1]"), (BoundingBox{170, -5.5, -170, 10}));
  for (const char* bad :
       {"[]", "[1,2,3]", "[1,2,3,4,5]", "[1,2,3,\"4\"]", "[1,2,3,null]", "{}", "null", "7",
        "[-180.1,0,1,1]", "[0,0,180.1,1]", "[0,-90.1,1,1]", "[0,0,1,90.1]", "[0,1,1,0]",
        "[1e999,0,1,1]", "[0,0,1,[1]]"}) {
    const auto read = Box(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, "invalid_request") << bad;
  }
}

TEST(SelectionTest, ComesBackFromItsRecord) {
  Selection chosen;
  EXPECT_EQ(ParseSelection(ToJson(chosen)), chosen);
  chosen.trackers = {Id(int64_t{7}), Id(std::string("7")), Id(std::string("a\"\n\xc3\xa9"))};
  chosen.clients = {Id(std::string("acme")), Id(int64_t{-1})};
  EXPECT_EQ(ParseSelection(ToJson(chosen)), chosen);
  chosen.box = BoundingBox{179.999999999, -89.1, -0.1, 1.0 / 3};
  EXPECT_EQ(ParseSelection(ToJson(chosen)), chosen) << "to the last bit";
  for (const char* bad : {"", "{}", "[]", R"({"trackers":[],"clients":[]})",
                          R"({"trackers":[1.5],"clients":[],"bbox":null})",
                          R"({"trackers":[],"clients":{},"bbox":null})",
                          R"({"trackers":[],"clients":[],"bbox":[1,2]})"}) {
    EXPECT_EQ(ParseSelection(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace trackwire::tracking
