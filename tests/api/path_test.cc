#include "api/path.h"

#include <gtest/gtest.h>

namespace trackwire::api {
namespace {

constexpr const char* kTrackers = "/api/trackers";

TEST(PathTest, NamesTheThing) {
  EXPECT_EQ(NameInPath("/api/trackers/bus-7", kTrackers), "bus-7");
  EXPECT_EQ(NameInPath("/api/trackers/anna/phone", kTrackers), "anna/phone");
  EXPECT_EQ(NameInPath("/api/trackers/", kTrackers), "");
  EXPECT_EQ(NameInPath("/api/trackers", kTrackers), "");
  EXPECT_EQ(NameInPath("/api/trackersx/7", kTrackers), "");
  EXPECT_EQ(NameInPath("/api/clients/7", kTrackers), "");
}

TEST(PathTest, TakesOffThePartAndNoMore) {
  EXPECT_EQ(NameInPath("/api/trackers/7/positions", kTrackers, "positions"), "7");
  EXPECT_EQ(NameInPath("/api/trackers/a/b/positions", kTrackers, "positions"), "a/b");
  EXPECT_EQ(NameInPath("/api/trackers/a/positions/positions", kTrackers, "positions"),
            "a/positions");
  EXPECT_EQ(NameInPath("/api/trackers/positions", kTrackers, "positions"), "");
  EXPECT_EQ(NameInPath("/api/trackers//positions", kTrackers, "positions"), "");
  EXPECT_EQ(NameInPath("/api/trackers/7/xpositions", kTrackers, "positions"), "");
  EXPECT_EQ(NameInPath("/api/trackers/7/update", kTrackers, "positions"), "");
}

}  // namespace
}  // namespace trackwire::api
