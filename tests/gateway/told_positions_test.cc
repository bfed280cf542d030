#include "gateway/told_positions.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "broker/embedded/embedded_broker.h"
#include "ingest/tracker_check.h"
#include "store/history.h"
#include "tests/support/await.h"
#include "tests/support/temp_dir.h"

namespace trackwire::gateway {
namespace {

using namespace std::chrono_literals;
using tracking::Id;

/// A log, a store, and what stores from the one into the other.
class ToldPositionsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.makes_unknown = true;
    control_.Start();
    broker::EmbeddedOptions options;
    options.path = directory_.File("journal.db");
    auto opened = broker::OpenEmbeddedBroker(options, control_, Clock::System());
    ASSERT_TRUE(opened) << opened.error().detail;
    broker_ = std::move(*opened);
  }
  void TearDown() override {
    Stop();
    control_.Run([this] { broker_.reset(); });
    control_.Stop();
  }
  void Start() {
    auto store = store::OpenStore(url());
    ASSERT_TRUE(store) << store.error().detail;
    ingest::IntakeScope scope;
    scope.provider = scope.producer = ingest::kPushProvider;
    auto made = ingest::MakePositionIntake(
        std::move(*store), broker_->outlet(), Clock::System(), {},
        [this](const auto& clients, const auto& states) {
          if (board_hears_) {
            control_.Post([this, clients, states] { board_.Upsert(clients, states); });
          }
        },
        std::move(scope));
    ASSERT_TRUE(made) << made.error().detail;
    intake_ = std::move(*made);
    told_ = std::make_unique<ToldPositions>(control_, *broker_, board_, Clock::System(), options_);
    told_->Begin(*intake_);
  }
  void Stop() {
    if (told_ != nullptr) told_->End();
    intake_.reset();
    told_.reset();
  }
  std::string url() const { return "sqlite://" + directory_.File("t.db"); }

  void Notify(std::vector<std::string> envelopes) {
    std::vector<broker::AppendRequest> requests;
    for (std::string& envelope : envelopes) {
      requests.push_back({std::move(envelope), "", Steady::now()});
    }
    const bool done = test::Await<bool>([&](std::function<void(bool)> then) {
      broker_->log().Append(std::move(requests), [then](auto r) { then(r.has_value()); });
    });
    ASSERT_TRUE(done);
  }
  static std::string Location(const std::string& id, WallTime at, const std::string& more = "") {
    return R"({"message_type":"tracker_location_updated","notification":{"tracker_id":")" + id +
           R"(","latitude":1,"longitude":2,"fix_time":")" + base::FormatTime(at) + "\"}" + more +
           "}";
  }
  size_t HistoryOf(const std::string& id) {
    store::HistoryQuery query;
    query.tracker = Id(id);
    query.limit = 100'000;
    return (*store::OpenHistory(url()))->Read(query)->size();
  }
  bool Keeps(const std::string& id, size_t count) {
    return test::Until([&] { return HistoryOf(id) == count; });
  }
  uint64_t Entries() {
    uint64_t entries = 0;
    control_.Run([&] { entries = broker_->health().log_entries; });
    return entries;
  }

  test::TempDir directory_;
  ToldPositions::Options options_;
  net::Loop control_{"control"};
  std::unique_ptr<broker::Broker> broker_;
  tracking::Board board_;
  bool board_hears_ = true;
  std::unique_ptr<ingest::PositionIntake> intake_;
  std::unique_ptr<ToldPositions> told_;
  const WallTime now_ = Clock::System().WallNow();
};

TEST_F(ToldPositionsTest, StoresWhatIsNotifiedAndTellsNothingMore) {
  Start();
  Notify({Location("a", now_ - 2s), Location("a", now_ - 1s), Location("a", now_ - 9s),
          Location("b", now_), Location("a", now_ - 1s)});
  EXPECT_TRUE(Keeps("a", 3));
  EXPECT_TRUE(Keeps("b", 1));
  EXPECT_EQ(told_->counters().stored, 3u);
  EXPECT_EQ(told_->counters().late, 1u);
  EXPECT_EQ(Entries(), 5u) << "nothing but what was notified";
  auto states = (*store::OpenStore(url()))->TrackerStates();
  ASSERT_EQ(states->size(), 2u);
  EXPECT_EQ((*states)[0].tracker.provider, ingest::kToldProvider);
  EXPECT_TRUE((*states)[0].tracker.is_public);
  for (const auto& state : *states) {
    const WallTime newest = state.tracker.id == Id("a") ? now_ - 1s : now_;
    EXPECT_EQ(state.latest->fix.fix_time, newest);
  }
}

TEST_F(ToldPositionsTest, StoresWhatWasNotifiedWhileNobodyStored) {
  Notify({Location("a", now_ - 5s)});
  Start();
  EXPECT_TRUE(Keeps("a", 1)) << "also the first time";
  Stop();
  std::vector<std::string> many;
  for (int i = 0; i < 1'200; ++i) many.push_back(Location("a", now_ - 1h + i * 1ms));
  Notify(std::move(many));
  Notify({Location("a", now_)});
  EXPECT_EQ(HistoryOf("a"), 1u);
  Start();
  EXPECT_TRUE(Keeps("a", 1'202));
  Stop();
  Start();
  Notify({Location("a", now_ + 1s)});
  EXPECT_TRUE(Keeps("a", 1'203)) << "what was stored before is not stored again";
  EXPECT_LE(told_->counters().late, 1'202u);
}

TEST_F(ToldPositionsTest, CountsWhatCannotBeStoredAndGoesOn) {
  Start();
  const auto raw = [](const std::string& notification) {
    return R"({"message_type":"tracker_location_updated","tracker_id":"a","notification":)" +
           notification + "}";
  };
  Notify({raw("{}"), raw(R"({"latitude":91,"longitude":2})"),
          raw(R"({"latitude":1,"longitude":2,"timestamp":"soon"})"),
          Location("a", now_ + 1h), Location("a\\u0001", now_),
          R"({"message_type":"other","notification":{"tracker_id":"a"}})",
          Location("a", now_ - 1s, R"(,"socket_id":"s")"),
          Location("a", now_ - 2s, R"(,"client_id":1)"),
          Location("a", now_ - 3s)});
  EXPECT_TRUE(Keeps("a", 1)) << "what is for one alone is not kept for all";
  EXPECT_EQ(told_->counters().refused, 5u);
}

TEST_F(ToldPositionsTest, LeavesThoseWithAProviderToThat) {
  tracking::Tracker other;
  other.id = Id("a");
  other.name = "A";
  other.provider = "traccar:x";
  tracking::Tracker pushes = other;
  pushes.id = Id("b");
  pushes.provider = ingest::kPushProvider;
  {
    auto store = store::OpenStore(url());
    ASSERT_TRUE((*store)->UpsertTrackers({other, pushes}));
  }
  options_.makes_unknown = false;
  Start();
  control_.Run([&] { board_.Upsert({}, {{other, {}, {}, {}}}); });
  Notify({Location("a", now_), Location("c", now_), Location("b", now_)});
  EXPECT_TRUE(Keeps("b", 1));
  EXPECT_EQ(HistoryOf("a"), 0u);
  EXPECT_EQ(told_->counters().unknown, 1u);
}

TEST_F(ToldPositionsTest, MakesOneThatWasRemovedAgain) {
  Start();
  Notify({Location("a", now_ - 9s)});
  EXPECT_TRUE(Keeps("a", 1));
  const bool gone = test::Await<bool>([&](std::function<void(bool)> done) {
    intake_->Change(
        [](store::Store& store) -> Result<ingest::StoreChange> {
          ingest::StoreChange change;
          if (auto removed = store.RemoveTracker(Id("a")); !removed) return Err(removed.error());
          change.removed_trackers = {Id("a")};
          return change;
        },
        [done](const Result<ingest::StoreChange>& change) { done(change.has_value()); });
  });
  ASSERT_TRUE(gone);
  control_.Run([&] { board_.Remove({Id("a")}, {}); });
  int more = 0;
  EXPECT_TRUE(test::Until([&] {
    Notify({Location("a", now_ - 8s + ++more * 1ms)});
    return HistoryOf("a") > 0;
  }));
}

TEST_F(ToldPositionsTest, MakesNoneThatWasHiddenUntilItWasRemoved) {
  tracking::Tracker hidden;
  hidden.id = Id("a");
  control_.Run([&] {
    board_.Upsert({}, {{hidden, {}, {}, {}}});
    board_.Remove({Id("a")}, {});
  });
  Start();
  Notify({Location("a", now_), Location("b", now_)});
  EXPECT_TRUE(Keeps("b", 1));
  EXPECT_EQ(HistoryOf("a"), 0u);
  EXPECT_EQ(told_->counters().unknown, 1u);
}

TEST_F(ToldPositionsTest, KeepsSoonHowFarItHasCome) {
  const auto mark = [&] { return *(*store::OpenStore(url()))->Mark("notifications"); };
  const auto end = [&] {
    std::string offset;
    control_.Run([&] { offset = broker_->log().tail_offset().ToString(); });
    return offset;
  };
  Start();
  // The second of them comes within a second of the first mark.
  for (const char* id : {"a", "b"}) {
    Notify({Location(id, now_)});
    EXPECT_TRUE(Keeps(id, 1));
  }
  EXPECT_TRUE(test::Until([&] { return mark() == end(); })) << "without more to read";
  Stop();
  // Who is removed while nobody stores stays away.
  ASSERT_TRUE((*store::OpenStore(url()))->RemoveTracker(Id("b")));
  control_.Run([&] { board_.Remove({Id("b")}, {}); });
  Start();
  Notify({Location("c", now_)});
  EXPECT_TRUE(Keeps("c", 1));
  EXPECT_EQ(HistoryOf("b"), 0u);
}

TEST_F(ToldPositionsTest, MakesNoMoreThanThereMayBeHoweverLateTheBoardHears) {
  board_hears_ = false;
  options_.max_trackers = 3;
  options_.batch_entries = 1;
  Start();
  Notify({Location("a", now_ - 3s), Location("b", now_), Location("a", now_ - 2s),
          Location("c", now_), Location("d", now_), Location("e", now_), Location("a", now_)});
  EXPECT_TRUE(Keeps("a", 3));
  EXPECT_EQ(told_->counters().unknown, 2u);
  EXPECT_EQ((*store::OpenStore(url()))->TrackerStates()->size(), 3u);
}

}  // namespace
}  // namespace trackwire::gateway
