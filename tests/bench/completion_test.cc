#include "load/completion.h"

#include <gtest/gtest.h>

namespace trackwire::bench {
namespace {

TEST(CompletionTest, AMessageIsCompleteWhenAllClientsHaveIt) {
  Completion completion(8, 2);
  completion.Count(0);
  EXPECT_EQ(completion.complete(), 0u);
  completion.Count(0);
  EXPECT_EQ(completion.complete(), 1u);
}

TEST(CompletionTest, GoesOnAsFarAsTheSlowestClient) {
  Completion completion(8, 2);
  for (const uint64_t sequence : {0, 1, 2}) completion.Count(sequence);
  EXPECT_EQ(completion.complete(), 0u);
  completion.Count(0);
  completion.Count(1);
  EXPECT_EQ(completion.complete(), 2u);
}

TEST(CompletionTest, RunsFarBeyondItsWindow) {
  Completion completion(4, 3);
  for (uint64_t sequence = 0; sequence < 1000; ++sequence) {
    for (int client = 0; client < 3; ++client) completion.Count(sequence);
    ASSERT_EQ(completion.complete(), sequence + 1);
  }
}

TEST(CompletionTest, GoesOnWithoutAClientThatIsGone) {
  Completion completion(8, 3);
  // Clients A and B have 0 to 2, the third only 0.
  for (int client = 0; client < 2; ++client) {
    for (const uint64_t sequence : {0, 1, 2}) completion.Count(sequence);
  }
  completion.Count(0);
  EXPECT_EQ(completion.complete(), 1u);
  completion.RemoveClient(1);
  EXPECT_EQ(completion.complete(), 3u);
  // B goes as well; what it had does not count for what A has still to get.
  completion.RemoveClient(3);
  completion.Count(3);
  EXPECT_EQ(completion.complete(), 4u);
}

}  // namespace
}  // namespace trackwire::bench
