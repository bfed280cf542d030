#include "load/sequence.h"

#include <gtest/gtest.h>

#include <vector>

namespace trackwire::bench {
namespace {

DeliveryFaults FaultsOf(const std::vector<uint64_t>& arrivals, uint64_t published) {
  SequenceChecker checker(1, 1);
  for (const uint64_t sequence : arrivals) (void)checker.Observe(0, 0, sequence);
  checker.Finish(0, 0, published);
  return checker.faults();
}

TEST(SequenceTest, TellsMissingReorderedAndDuplicatedApart) {
  const struct {
    std::vector<uint64_t> arrivals;
    DeliveryFaults faults;
  } cases[] = {
      {{0, 1, 2, 3}, {0, 0, 0}},
      {{}, {4, 0, 0}},
      {{0, 1, 2}, {1, 0, 0}},
      {{1, 2, 3}, {1, 0, 0}},
      {{0, 3}, {2, 0, 0}},
      {{0, 2, 1, 3}, {0, 1, 0}},
      {{3, 2, 1, 0}, {0, 3, 0}},
      {{0, 0, 1, 2, 3}, {0, 0, 1}},
      {{0, 1, 2, 3, 3, 1}, {0, 0, 2}},
      {{0, 3, 1, 1, 2}, {0, 2, 1}},
      {{3, 1, 0, 0}, {1, 2, 1}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(FaultsOf(c.arrivals, 4), c.faults) << testing::PrintToString(c.arrivals);
  }
}

TEST(SequenceTest, KeepsClientsAndPublishersApart) {
  SequenceChecker checker(2, 2);
  EXPECT_EQ(checker.Observe(0, 1, 0), 1u);
  EXPECT_EQ(checker.Observe(1, 0, 0), 1u);
  EXPECT_EQ(checker.Observe(1, 0, 1), 1u);
  EXPECT_EQ(checker.next(0, 0), 0u);
  EXPECT_EQ(checker.next(0, 1), 1u);
  EXPECT_EQ(checker.next(1, 0), 2u);
  EXPECT_EQ(checker.next(1, 1), 0u);
  EXPECT_TRUE(checker.faults().none());
}

TEST(SequenceTest, SaysHowFarAMessageMovesTheClient) {
  SequenceChecker checker(1, 1);
  EXPECT_EQ(checker.Observe(0, 0, 0), 1u);
  EXPECT_EQ(checker.Observe(0, 0, 4), 4u);
  EXPECT_EQ(checker.Observe(0, 0, 2), 0u);
  EXPECT_EQ(checker.Observe(0, 0, 4), 0u);
  EXPECT_EQ(checker.Observe(0, 0, 5), 1u);
}

}  // namespace
}  // namespace trackwire::bench
