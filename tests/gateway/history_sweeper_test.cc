#include "gateway/history_sweeper.h"

#include <gtest/gtest.h>

#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

using namespace std::chrono_literals;
using tracking::Id;

const WallTime kNow{std::chrono::milliseconds(1'700'000'000'000)};
constexpr int kLong = 120'000;

tracking::Position At(const char* id, int ms) {
  tracking::Position position;
  position.tracker_id = Id(id);
  position.fix.fix_time = kNow + std::chrono::milliseconds(ms);
  position.received_at = position.fix.fix_time;
  return position;
}

class HistorySweeperTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = std::move(*store::OpenStore(url()));
    Register("gone");
    Register("stays");
    store::WriteBatch batch;
    for (int i = 0; i < kLong; ++i) batch.positions.push_back(At("gone", i));
    ASSERT_EQ(store_->Write(batch)->stored, static_cast<size_t>(kLong));
  }
  void Register(const char* id) {
    tracking::Tracker tracker;
    tracker.id = Id(id);
    tracker.name = id;
    ASSERT_TRUE(store_->UpsertTrackers({tracker}));
  }
  std::string url() const { return "sqlite://" + directory_.File("t.db"); }
  /// How many positions the file has of whomever; looking takes them away.
  size_t CountAll() { return *store_->Prune(kNow + 24h, 1'000'000); }

  test::TempDir directory_;
  std::unique_ptr<store::Store> store_;
};

TEST_F(HistorySweeperTest, TakesALongHistoryAwayWhileOthersWrite) {
  HistorySweeper sweeper(url(), {});
  ASSERT_TRUE(store_->RemoveTracker(Id("gone")));
  sweeper.Wake();
  size_t written = 0;
  EXPECT_TRUE(test::Until([&] {
    store::WriteBatch batch;
    batch.positions.push_back(At("stays", static_cast<int>(written)));
    written += store_->Write(batch)->stored;
    const auto more = store_->SweepRemoved(0);
    return more && !*more;
  }));
  EXPECT_GT(written, 1u) << "its turn came between two bits";
  sweeper.Stop();
  EXPECT_EQ(CountAll(), written);
}

TEST_F(HistorySweeperTest, GoesOnWhereAnEarlierOneStopped) {
  ASSERT_TRUE(store_->RemoveTracker(Id("gone")));
  ASSERT_TRUE(*store_->SweepRemoved(1'000)) << "as far as that, then the process died";
  HistorySweeper sweeper(url(), {});
  sweeper.Wake();
  EXPECT_TRUE(test::Until([&] {
    const auto more = store_->SweepRemoved(0);
    return more && !*more;
  }));
  sweeper.Stop();
  EXPECT_EQ(CountAll(), 0u);
}

}  // namespace
}  // namespace trackwire::gateway
