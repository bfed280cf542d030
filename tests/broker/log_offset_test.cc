#include <gtest/gtest.h>

#include "broker/embedded/log_id.h"
#include "broker/notification_log.h"

namespace trackwire::broker {
namespace {

TEST(LogOffsetTest, ReadsBackWhatItWrites) {
  const LogOffset offset{"Ab_-9", 1'700'000'000'000, 42};
  EXPECT_EQ(offset.ToString(), "Ab_-9.1700000000000-42");
  EXPECT_EQ(LogOffset::Parse(offset.ToString()), offset);
}

TEST(LogOffsetTest, RefusesEverythingElse) {
  for (const char* text :
       {"", ".", "a", "a.", "a.1", "a.1-", "a.-1", ".1-1", "a.1-1-1", "a.01-1", "a.1-01", "a.+1-1",
        "a.1-99999999999999999999", "a b.1-1", "a.1-1 ", "a\"b.1-1", "a.1.2-3"}) {
    EXPECT_FALSE(LogOffset::Parse(text)) << text;
  }
  EXPECT_FALSE(LogOffset::Parse(std::string(65, 'a') + ".1-1"));
}

TEST(LogIdTest, IsTheSameOrder) {
  const LogOffset offset{"e", 1'700'000'000'000, 7};
  EXPECT_EQ(ToOffset("e", ToId(offset)), offset);
  EXPECT_LT(ToId({"e", 5, 1'000'000}), ToId({"e", 6, 0}));
}

TEST(LogIdTest, NeverStepsBack) {
  EXPECT_EQ(NextId(0, 5), ToId({"e", 5, 0}));
  EXPECT_EQ(NextId(ToId({"e", 5, 0}), 5), ToId({"e", 5, 1}));
  EXPECT_EQ(NextId(ToId({"e", 5, 3}), 4), ToId({"e", 5, 4}));
  EXPECT_EQ(NextId(ToId({"e", 5, (1u << kSeqBits) - 1}), 5), ToId({"e", 6, 0}));
  EXPECT_EQ(NextId(7, -100), 8);
}

}  // namespace
}  // namespace trackwire::broker
