#include "tests/store/contract.h"

namespace trackwire::store {
namespace {

using namespace std::chrono_literals;
using tracking::Id;
using List = std::vector<int64_t>;

/// The promises of history.h.
class HistoryContract : public ContractTest {
 protected:
  void SetUp() override {
    ContractTest::SetUp();
    Register({SomeTracker(Id("a")), SomeTracker(Id("b"))});
    Write({At(Id("a"), 3ms), At(Id("a"), 1ms), At(Id("a"), 2ms), At(Id("b"), 1ms), At(Id("a"), 4ms),
           At(Id("a"), 5ms)});
    reader_ = OpenReader();
  }
  static HistoryQuery Of(const char* id) {
    HistoryQuery query;
    query.tracker = Id(id);
    return query;
  }
  List Read(const HistoryQuery& query) {
    const auto read = reader_->Read(query);
    EXPECT_TRUE(read) << read.error().detail;
    return Offsets(*read);
  }

  std::unique_ptr<HistoryReader> reader_;
};

TEST_P(HistoryContract, IsARangeInTheOrderAskedFor) {
  EXPECT_EQ(Read(Of("a")), (List{1, 2, 3, 4, 5}));
  EXPECT_EQ(Read(Of("b")), List{1});
  HistoryQuery query = Of("a");
  query.from = kNow + 2ms;
  query.to = kNow + 4ms;
  EXPECT_EQ(Read(query), (List{2, 3}));
  query.newest_first = true;
  EXPECT_EQ(Read(query), (List{3, 2}));
  query.to = query.from;
  EXPECT_TRUE(Read(query).empty());
  query.to = kNow;
  EXPECT_TRUE(Read(query).empty()) << "a range turned round";
}

TEST_P(HistoryContract, NobodyHasNone) {
  EXPECT_TRUE(Read(Of("x")).empty());
  HistoryQuery nothing = Of("a");
  nothing.limit = 0;
  EXPECT_TRUE(Read(nothing).empty());
}

/// Reads pages of two until one is not full.
TEST_P(HistoryContract, PagesFollowOneAnotherWithoutGapOrDouble) {
  for (const bool newest_first : {false, true}) {
    HistoryQuery query = Of("a");
    query.newest_first = newest_first;
    query.limit = 2;
    List all;
    for (;;) {
      const auto page = reader_->Read(query);
      for (const int64_t offset : Offsets(*page)) all.push_back(offset);
      if (page->size() < 2) break;
      query.after = page->back().fix.fix_time;
      // What comes or goes before the mark does not move the pages.
      Write({At(Id("a"), newest_first ? 9ms : -9ms)});
    }
    EXPECT_EQ(all, newest_first ? (List{5, 4, 3, 2, 1, -9}) : (List{1, 2, 3, 4, 5}));
  }
}

TEST_P(HistoryContract, AMarkOutsideTheRangeEndsOrBeginsIt) {
  HistoryQuery query = Of("a");
  query.from = kNow + 2ms;
  query.to = kNow + 4ms;
  query.after = kNow;
  EXPECT_EQ(Read(query), (List{2, 3}));
  query.after = kNow + 7ms;
  EXPECT_TRUE(Read(query).empty());
  query.newest_first = true;
  EXPECT_EQ(Read(query), (List{3, 2}));
  query.newest_first = false;
  query.after = WallTime::max();
  EXPECT_TRUE(Read(query).empty());
  query.newest_first = true;
  query.after = WallTime::min();
  EXPECT_TRUE(Read(query).empty());
}

TEST_P(HistoryContract, SeesWhatIsWrittenLater) {
  Write({At(Id("a"), 8ms)});
  EXPECT_EQ(Read(Of("a")).back(), 8);
  Register({SomeTracker(Id("new"))});
  Write({At(Id("new"), 1ms)});
  EXPECT_EQ(Read(Of("new")), List{1});
}

TEST_P(HistoryContract, PruneRemovesTheOldestInBitesAndKeepsTheLatest) {
  EXPECT_EQ(*store_->Prune(kNow + 3ms, 2), 2u);
  EXPECT_EQ(*store_->Prune(kNow + 3ms, 2), 1u);
  EXPECT_EQ(*store_->Prune(kNow + 3ms, 2), 0u);
  EXPECT_EQ(Read(Of("a")), (List{3, 4, 5}));
  EXPECT_TRUE(Read(Of("b")).empty());
  EXPECT_EQ(*store_->Prune(kNow + 1h, 100), 3u);
  EXPECT_EQ(State(Id("a")).latest->fix.fix_time, kNow + 5ms);
}

INSTANTIATE_TEST_SUITE_P(Backends, HistoryContract, testing::ValuesIn(Backends()), BackendName);

}  // namespace
}  // namespace trackwire::store
