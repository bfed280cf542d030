#include "fetcher/fetcher.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "broker/embedded/embedded_broker.h"
#include "fetcher/demo.h"
#include "net/loop.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"
#include "tracking/board.h"

namespace trackwire::fetcher {
namespace {

using namespace std::chrono_literals;
using tracking::Id;
using State = ProviderStatus::State;

/// A provider that gives what the test put into it.
class ScriptedProvider final : public Provider {
 public:
  const std::string& name() const override { return name_; }
  Result<Catalogue> Load() override {
    if (fail_load) return Err("cannot_open", "no such file");
    Catalogue catalogue;
    catalogue.trackers.push_back({});
    catalogue.trackers[0].id = Id("a");
    catalogue.trackers[0].provider = name_;
    return catalogue;
  }
  Result<Due> Next(WallTime now, size_t max) override {
    if (given == fail_after) return Err("broken", "the file is gone");
    Due due;
    for (; due.fixes.size() < max && given < total; ++given) {
      tracking::Fix fix;
      fix.fix_time = now - std::chrono::milliseconds(total - given);
      due.fixes.push_back({Id("a"), fix});
    }
    due.finished = given == total;
    return due;
  }
  void Cancel() override {}
  std::string Progress() const override { return std::to_string(given); }

  bool fail_load = false;
  int total = 25;
  int fail_after = -1;
  int given = 0;

 private:
  std::string name_ = "scripted:x";
};

class FetcherTest : public testing::Test {
 protected:
  void SetUp() override {
    control_.Start();
    auto broker = broker::OpenEmbeddedBroker({}, control_, Clock::System());
    ASSERT_TRUE(broker);
    broker_ = std::move(*broker);
    auto store = store::OpenStore("sqlite://" + directory_.File("t.db"));
    ASSERT_TRUE(store);
    auto intake = ingest::MakePositionIntake(
        std::move(*store), broker_->log(), Clock::System(), {},
        [this](const auto& clients, const auto& states) {
          const std::lock_guard lock(mutex_);
          board_.Upsert(clients, states);
        });
    ASSERT_TRUE(intake);
    intake_ = std::move(*intake);
    FetcherOptions options;
    options.max_batch = 1000;
    fetcher_ = std::make_unique<Fetcher>(*intake_, Clock::System(), options);
  }
  void TearDown() override {
    fetcher_.reset();
    intake_.reset();
    control_.Run([this] { broker_.reset(); });
    control_.Stop();
  }
  void Start() {
    fetcher_->Start([this](const ProviderStatus& status) {
      const std::lock_guard lock(mutex_);
      events_.push_back(status);
    });
  }
  bool Reaches(State state) {
    return test::Until([&] {
      const std::lock_guard lock(mutex_);
      return !events_.empty() && events_.back().state == state;
    });
  }
  ingest::IntakeCounters Counters() {
    return test::Await<ingest::IntakeCounters>([&](auto done) { intake_->Counters(done); });
  }

  test::TempDir directory_;
  net::Loop control_{"control"};
  std::unique_ptr<broker::Broker> broker_;
  std::mutex mutex_;  // guards what the callbacks collect
  tracking::Board board_;
  std::vector<ProviderStatus> events_;
  std::unique_ptr<ingest::PositionIntake> intake_;
  std::unique_ptr<Fetcher> fetcher_;
};

TEST_F(FetcherTest, HandsOverEverythingAndFinishes) {
  fetcher_->Add(std::make_unique<ScriptedProvider>());
  Start();
  ASSERT_TRUE(Reaches(State::kFinished));
  EXPECT_EQ(Counters().accepted, 25u);
  const auto all = test::Await<std::vector<ProviderStatus>>(
      [&](auto done) { fetcher_->Status(done); });
  EXPECT_EQ(all.at(0).fixes, 25u);
  EXPECT_EQ(all.at(0).trackers, 1u);
}

TEST_F(FetcherTest, AProviderThatCannotLoadIsSaidAndTheOthersRun) {
  auto broken = std::make_unique<ScriptedProvider>();
  broken->fail_load = true;
  fetcher_->Add(std::move(broken));
  fetcher_->Add(std::make_unique<ScriptedProvider>());
  Start();
  ASSERT_TRUE(Reaches(State::kFinished));
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(events_.front().state, State::kFailed);
  EXPECT_EQ(events_.front().detail, "no such file");
}

TEST_F(FetcherTest, AProviderThatBreaksMakesItsTrackersUnknown) {
  auto breaking = std::make_unique<ScriptedProvider>();
  breaking->total = 2000;
  breaking->fail_after = 1000;
  fetcher_->Add(std::move(breaking));
  Start();
  ASSERT_TRUE(Reaches(State::kFailed));
  EXPECT_EQ(Counters().accepted, 1000u);
  EXPECT_EQ(Counters().status_changes, 2u) << "online, then unknown";
}

TEST_F(FetcherTest, StopsWhileAProviderHasMore) {
  auto endless = std::make_unique<ScriptedProvider>();
  endless->total = 100'000'000;
  fetcher_->Add(std::move(endless));
  Start();
  ASSERT_TRUE(test::Until([&] { return Counters().accepted > 0; }));
  fetcher_->Stop();
  fetcher_->Stop();
}

TEST_F(FetcherTest, TheDemonstrationFillsTheBoard) {
  std::atomic<size_t> entries{0};
  control_.Run([&] {
    broker_->log().Tail([&](const auto& batch) { entries += batch.size(); });
  });
  fetcher_->Add(
      MakeReplay(DemoOptions(TRACKWIRE_SOURCE_DIR "/data/ais-us-west-2022-01-03.csv.gz")));
  Start();
  ASSERT_TRUE(test::Until([&] { return Counters().accepted > 12'000; }));
  fetcher_->Stop();
  const ingest::IntakeCounters counters = Counters();
  EXPECT_EQ(counters.refused, 0u);
  EXPECT_EQ(counters.late, 0u);
  EXPECT_GT(counters.status_changes, 3000u);
  ASSERT_TRUE(test::Until([&] { return entries >= counters.accepted + counters.status_changes; }));
  const std::lock_guard lock(mutex_);
  EXPECT_EQ(board_.size(), 3450u);
}

}  // namespace
}  // namespace trackwire::fetcher
