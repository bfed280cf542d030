#include "cli/envelope_batch.h"

#include <gtest/gtest.h>

namespace trackwire::cli {
namespace {

TEST(EnvelopeBatchTest, NeverGrowsBeyondTheBodyTheGatewayTakes) {
  EnvelopeBatch batch(20);
  batch.Add(std::string(8, 'x'));
  EXPECT_TRUE(batch.HasRoomFor(9)) << "8 and 9 bytes, two brackets and a comma";
  EXPECT_FALSE(batch.HasRoomFor(10));
  batch.Add(std::string(9, 'x'));
  EXPECT_FALSE(batch.HasRoomFor(0));
  EXPECT_EQ(batch.Take().size(), 2u);
  EXPECT_TRUE(batch.empty());
  EXPECT_TRUE(batch.HasRoomFor(100)) << "alone it goes out, whatever the gateway says";
}

TEST(EnvelopeBatchTest, HoldsNoMoreThanTheGatewayTakesInOneArray) {
  EnvelopeBatch batch(10'000'000);
  size_t count = 0;
  for (; batch.HasRoomFor(2); ++count) batch.Add("{}");
  EXPECT_EQ(count, 500u);
}

}  // namespace
}  // namespace trackwire::cli
