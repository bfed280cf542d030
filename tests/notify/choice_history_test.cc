#include "notify/choice_history.h"

#include <gtest/gtest.h>

namespace trackwire::notify {
namespace {

using broker::LogOffset;
using tracking::Id;

LogOffset At(uint64_t seq) { return {"e", 1, seq}; }

std::shared_ptr<const tracking::Selection> Chosen(int64_t first, int64_t count = 1) {
  tracking::Selection selection;
  for (int64_t i = 0; i < count; ++i) selection.trackers.insert(Id(first + i));
  return std::make_shared<const tracking::Selection>(std::move(selection));
}

int64_t Which(const tracking::Selection* selection) {
  if (selection == nullptr) return -1;
  for (int64_t i = 0; i < 100; ++i) {
    if (selection->trackers.contains(Id(i))) return i;
  }
  return -2;
}

TEST(ChoiceHistoryTest, KnowsWhatHeldWhen) {
  ChoiceHistory history;
  EXPECT_EQ(history.now(), nullptr);
  EXPECT_EQ(history.At(At(5)), nullptr);
  EXPECT_TRUE(history.Covers(At(0)));
  history.Add(At(3), Chosen(1));
  history.Add(At(7), Chosen(2));
  history.Add(At(7), Chosen(3));  // before any entry
  EXPECT_EQ(Which(history.At(At(3))), -1) << "up to the offset what held before";
  EXPECT_EQ(Which(history.At(At(4))), 1);
  EXPECT_EQ(Which(history.At(At(7))), 1);
  EXPECT_EQ(Which(history.At(At(8))), 3);
  EXPECT_EQ(Which(history.now()), 3);
}

TEST(ChoiceHistoryTest, ComesBackFromItsRecord) {
  ChoiceHistory history;
  EXPECT_EQ(history.ToJson(), "");
  ASSERT_TRUE(ChoiceHistory::Parse(""));
  EXPECT_TRUE(ChoiceHistory::Parse("")->empty());
  for (uint64_t i = 0; i < 40; ++i) {
    history.Add(At(i), Chosen(static_cast<int64_t>(i)));
    const auto back = ChoiceHistory::Parse(history.ToJson());
    ASSERT_TRUE(back) << history.ToJson();
    EXPECT_EQ(back->ToJson(), history.ToJson());
    for (uint64_t at = 0; at < 42; ++at) {
      EXPECT_EQ(back->Covers(At(at)), history.Covers(At(at)));
      EXPECT_EQ(Which(back->At(At(at))), Which(history.At(At(at))));
    }
  }
  for (const char* bad : {"{}", "7", "[]", R"({"steps":[]})", R"({"steps":[7]})",
                          R"({"steps":[{"since":"x","chosen":{}}]})",
                          R"({"steps":[{"since":"e.1-1"}]})"}) {
    EXPECT_FALSE(ChoiceHistory::Parse(bad)) << bad;
  }
}

TEST(ChoiceHistoryTest, IsBoundedAndKnowsWhatItHasForgotten) {
  ChoiceHistory history;
  for (uint64_t i = 1; i <= 100; ++i) history.Add(At(i), Chosen(static_cast<int64_t>(i % 7)));
  EXPECT_FALSE(history.Covers(At(100 - ChoiceHistory::kMaxSteps)));
  EXPECT_TRUE(history.Covers(At(101 - ChoiceHistory::kMaxSteps)));
  ChoiceHistory heavy;
  for (uint64_t i = 1; i <= 10; ++i) heavy.Add(At(i), Chosen(0, 1'500));
  EXPECT_FALSE(heavy.Covers(At(8)));
  EXPECT_TRUE(heavy.Covers(At(9)));
  heavy.Add(At(20), Chosen(0, 5'000));
  EXPECT_TRUE(heavy.Covers(At(20))) << "what holds now is always known";
  EXPECT_LT(heavy.ToJson().size(), 50'000u);
}

TEST(ChoiceHistoryTest, ForgetsWhatNobodyWillAskFor) {
  ChoiceHistory history;
  for (uint64_t i : {3u, 7u, 9u}) history.Add(At(i), Chosen(static_cast<int64_t>(i)));
  history.ForgetUpTo(At(2));
  EXPECT_TRUE(history.Covers(At(2)));
  history.ForgetUpTo(At(8));
  EXPECT_FALSE(history.Covers(At(6)));
  EXPECT_TRUE(history.Covers(At(8)));
  EXPECT_EQ(Which(history.At(At(9))), 7);
  EXPECT_EQ(Which(history.At(At(10))), 9);
}

}  // namespace
}  // namespace trackwire::notify
