#include "broker/redis/log_ring.h"

#include <gtest/gtest.h>

namespace trackwire::broker {
namespace {

LogOffset At(uint64_t ms) { return {"e", ms, 0}; }
LogEntryPtr Entry(uint64_t ms) {
  return std::make_shared<const LogEntry>(LogEntry{At(ms), std::string(100, 'x'), {}});
}
std::vector<uint64_t> Read(const LogRing& ring, uint64_t after, uint64_t last, bool* here = nullptr) {
  const auto found = ring.Read(At(after), At(last), 100, 1u << 20);
  if (here != nullptr) *here = found.has_value();
  std::vector<uint64_t> all;
  if (found) {
    for (const LogEntryPtr& entry : *found) all.push_back(entry->offset.ms);
  }
  return all;
}

TEST(LogRingTest, KnowsWhatItDoesNotHave) {
  LogRing ring(1u << 20);
  ring.Restart(At(10));
  ring.Add(Entry(12));
  ring.Add(Entry(14));
  EXPECT_EQ(Read(ring, 10, 14), (std::vector<uint64_t>{12, 14}));
  EXPECT_EQ(Read(ring, 12, 13), std::vector<uint64_t>{});
  bool here = true;
  EXPECT_TRUE(Read(ring, 9, 14, &here).empty());
  EXPECT_FALSE(here);
}

TEST(LogRingTest, OlderOnesAreAddedInFront) {
  LogRing ring(1u << 20);
  ring.Restart(At(10));
  ring.Add(Entry(12));
  EXPECT_TRUE(ring.AddOlder({Entry(10), Entry(9), Entry(8)}));
  ring.Complete(At(8));
  EXPECT_EQ(Read(ring, 8, 12), (std::vector<uint64_t>{9, 10, 12}));
  EXPECT_TRUE(ring.AddOlder({Entry(5)}));
  ring.Complete(At(0));
  EXPECT_EQ(Read(ring, 0, 12), (std::vector<uint64_t>{5, 8, 9, 10, 12}));
}

TEST(LogRingTest, OnceFullItTakesNothingOlder) {
  LogRing ring(1000);  // three entries and some
  ring.Restart(At(10));
  EXPECT_FALSE(ring.AddOlder({Entry(10), Entry(9), Entry(8), Entry(7)}));
  EXPECT_EQ(Read(ring, 7, 10), (std::vector<uint64_t>{8, 9, 10}));
  for (uint64_t ms = 11; ms < 20; ++ms) ring.Add(Entry(ms));
  EXPECT_FALSE(ring.AddOlder({Entry(7)}));
  ring.Complete(At(0));
  EXPECT_EQ(ring.before(), At(16));
  EXPECT_EQ(Read(ring, 16, 20), (std::vector<uint64_t>{17, 18, 19}));
}

TEST(LogRingTest, DropsWhatExpired) {
  LogRing ring(1u << 20);
  ring.Restart(At(1));
  for (uint64_t ms = 2; ms < 6; ++ms) ring.Add(Entry(ms));
  ring.DropThrough(At(3));
  EXPECT_EQ(Read(ring, 3, 9), (std::vector<uint64_t>{4, 5}));
  bool here = true;
  Read(ring, 2, 9, &here);
  EXPECT_FALSE(here);
  ring.DropThrough(At(8));
  EXPECT_EQ(ring.before(), At(8));
}

}  // namespace
}  // namespace trackwire::broker
