#include "gateway/provider_task.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "broker/embedded/embedded_broker.h"
#include "gateway/fetch_service.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

using namespace std::chrono_literals;

/// What the providers of a test have in common, as a source in the world would.
struct World {
  std::atomic<int> running{0};
  std::atomic<int> most_running{0};
  std::atomic<int> started{0};
  std::atomic<bool> finished{false};
};

/// Brings a position at each call, of the moment.
class WorldProvider final : public fetcher::Provider {
 public:
  explicit WorldProvider(World& world) : world_(world) {
    ++world_.started;
    const int now = ++world_.running;
    if (now > world_.most_running) world_.most_running = now;
  }
  ~WorldProvider() override { --world_.running; }
  const std::string& name() const override { return name_; }
  Result<fetcher::Catalogue> Load() override {
    fetcher::Catalogue catalogue;
    catalogue.trackers.push_back({});
    catalogue.trackers[0].id = tracking::Id("a");
    catalogue.trackers[0].provider = name_;
    return catalogue;
  }
  Result<fetcher::Due> Next(WallTime now, size_t) override {
    fetcher::Due due;
    tracking::Fix fix;
    fix.fix_time = now;
    due.fixes.push_back({tracking::Id("a"), fix});
    due.next_in = 2ms;
    due.finished = world_.finished;
    return due;
  }
  void Cancel() override {}
  std::string Progress() const override { return "on its way"; }

 private:
  World& world_;
  const std::string name_ = "test:world";
};

class ProviderTaskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    config_.database_url = "sqlite://" + directory_.File("t.db");
    control_.Start();
    auto opened = broker::OpenEmbeddedBroker({}, control_, Clock::System());
    ASSERT_TRUE(opened) << opened.error().detail;
    broker_ = std::move(*opened);
    control_.Run([this] {
      broker_->log().Tail([this](const std::vector<broker::LogEntryPtr>& entries) {
        told_ += entries.size();
      });
      news_ = broker_->pub_sub().Subscribe(kTrackersChanged, [this](std::string_view) { ++news_count_; });
    });
  }
  void TearDown() override {
    while (stopped_ < tasks_.size()) StopNext();
    control_.Run([this] {
      tasks_.clear();
      news_.reset();
      broker_.reset();
    });
    control_.Stop();
  }
  ProviderTask& Add() {
    tasks_.push_back(std::make_unique<ProviderTask>(
        ProviderTask::Context{control_, *broker_, config_, Clock::System()}, "test:world",
        [this] { return std::make_unique<WorldProvider>(world_); }));
    control_.Run([this] { tasks_.back()->Begin(); });
    return *tasks_.back();
  }
  void StopNext() {
    ProviderTask& task = *tasks_[stopped_++];
    test::Await<bool>([&](std::function<void(bool)> done) {
      control_.Post([&task, done] { task.Stop([done] { done(true); }); });
    });
    task.Join();
  }
  void ExpectMore() {
    const uint64_t before = told_;
    EXPECT_TRUE(test::Until([&] { return told_ > before + 3; }));
  }

  test::TempDir directory_;
  Config config_;
  World world_;
  net::Loop control_{"control"};
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<broker::PubSub::Subscription> news_;
  std::atomic<uint64_t> told_{0};
  std::atomic<int> news_count_{0};
  std::vector<std::unique_ptr<ProviderTask>> tasks_;
  size_t stopped_ = 0;  ///< the first ones of them
};

TEST_F(ProviderTaskTest, RunsItsProviderAndAnnouncesTheTrackers) {
  Add();
  ExpectMore();
  EXPECT_TRUE(test::Until([&] { return news_count_ > 0; }));
}

TEST_F(ProviderTaskTest, OfManyOneRunsAndAnotherGoesOnWhenItStops) {
  for (int i = 0; i < 3; ++i) Add();
  ExpectMore();
  EXPECT_EQ(world_.started, 1);
  // The next holder opens the store that this one has left, so they are never two.
  for (int i = 0; i < 2; ++i) {
    StopNext();
    EXPECT_TRUE(test::Until([&] { return world_.running == 1; }));
    ExpectMore();
  }
  EXPECT_EQ(world_.most_running, 1);
}

TEST_F(ProviderTaskTest, EndsItsTaskWhenTheProviderHasFinished) {
  Add();
  ExpectMore();
  world_.finished = true;
  EXPECT_TRUE(test::Until([&] { return world_.running == 0; }));
  const auto waiting = test::Await<Result<uint64_t>>([&](auto done) {
    broker_->tasks().CountWaiting("provider:test:world", done);
  });
  ASSERT_TRUE(waiting);
  EXPECT_EQ(*waiting, 0u);
}

}  // namespace
}  // namespace trackwire::gateway
