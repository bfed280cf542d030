#include "gateway/store_watch.h"

#include <gtest/gtest.h>

#include <atomic>

#include "store/store.h"
#include "store/user_store.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

class StoreWatchTest : public testing::Test {
 protected:
  StoreWatchTest() {
    auto watch = StoreWatch::Open(url_);
    EXPECT_TRUE(watch) << watch.error().detail;
    watch_ = std::move(*watch);
    watch_->OnChanged(StoreWatch::Kind::kUsers, [this] { ++users_; });
    watch_->OnChanged(StoreWatch::Kind::kTrackers, [this] { ++trackers_; });
  }
  void AddUser(const std::string& name) {
    store::User user;
    user.name = name;
    ASSERT_TRUE((*store::OpenUserStore(url_))->Add(user));
  }

  test::TempDir directory_;
  const std::string url_ = "sqlite://" + directory_.File("trackwire.db");
  std::atomic<int> users_{0};
  std::atomic<int> trackers_{0};
  std::unique_ptr<StoreWatch> watch_;
};

TEST_F(StoreWatchTest, TellsOfWhatOthersChangeAndOfThatOnly) {
  watch_->Start();
  AddUser("ada");
  ASSERT_TRUE(test::Until([this] { return users_ == 1; }));
  tracking::Tracker tracker;
  tracker.id = tracking::Id("a");
  ASSERT_TRUE((*store::OpenStore(url_))->UpsertTrackers({tracker}));
  ASSERT_TRUE(test::Until([this] { return trackers_ == 1; }));
  EXPECT_EQ(users_, 1);
}

TEST_F(StoreWatchTest, TellsOfWhatChangedBeforeItStarted) {
  AddUser("ada");
  watch_->Start();
  EXPECT_TRUE(test::Until([this] { return users_ == 1; }));
}

TEST_F(StoreWatchTest, LooksWhenAsked) {
  watch_->Start();
  for (int i = 1; i <= 3; ++i) {
    AddUser("user " + std::to_string(i));
    watch_->LookNow();
    ASSERT_TRUE(test::Until([&] { return users_ >= i; }));
  }
  watch_->Stop();
  const int told = users_;
  AddUser("late");
  EXPECT_EQ(users_, told);
}

TEST(StoreWatchOpenTest, NamesTheUrlThatIsWrong) {
  const auto watch = StoreWatch::Open("sqlite:///nowhere/at/all/x.db");
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().code, "cannot_open");
  EXPECT_NE(watch.error().detail.find("/nowhere/at/all/x.db"), std::string::npos);
}

}  // namespace
}  // namespace trackwire::gateway
