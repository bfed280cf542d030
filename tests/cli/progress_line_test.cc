#include "cli/progress_line.h"

#include <gtest/gtest.h>

namespace trackwire::cli {
namespace {

TEST(GroupedTest, SetsThousandsApart) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
}

}  // namespace
}  // namespace trackwire::cli
