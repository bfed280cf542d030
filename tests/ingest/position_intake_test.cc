#include "ingest/position_intake.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "broker/embedded/embedded_broker.h"
#include "ingest/envelope.h"
#include "net/loop.h"
#include "store/history.h"
#include "tests/support/await.h"
#include "tests/support/shared_clock.h"
#include "tests/support/temp_dir.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;
using tracking::Fix;
using tracking::Id;
using tracking::Tracker;
using List = std::vector<std::string>;

/// A store that can be told to fail, in front of a real one.
class FlakyStore final : public store::Store {
 public:
  FlakyStore(std::unique_ptr<store::Store> real, std::atomic<bool>& broken)
      : real_(std::move(real)), broken_(broken) {}
  Result<void> UpsertClients(const std::vector<tracking::Client>& c) override {
    return real_->UpsertClients(c);
  }
  Result<void> UpsertTrackers(const std::vector<Tracker>& t) override {
    return real_->UpsertTrackers(t);
  }
  Result<Tracker> EditTracker(const tracking::Id& id, const tracking::TrackerEdit& edit) override {
    return real_->EditTracker(id, edit);
  }
  Result<void> CreateTracker(const Tracker& tracker) override {
    return real_->CreateTracker(tracker);
  }
  Result<void> RemoveTracker(const Id& id) override { return real_->RemoveTracker(id); }
  Result<bool> SweepRemoved(size_t limit) override { return real_->SweepRemoved(limit); }
  Result<void> CreateClient(const tracking::Client& client) override {
    return real_->CreateClient(client);
  }
  Result<void> EditClient(const tracking::Client& client) override {
    return real_->EditClient(client);
  }
  Result<void> RemoveClient(const Id& id) override { return real_->RemoveClient(id); }
  Result<std::vector<tracking::Client>> Clients() override { return real_->Clients(); }
  Result<std::vector<tracking::TrackerState>> TrackerStates() override {
    return real_->TrackerStates();
  }
  Result<store::WriteOutcome> Write(const store::WriteBatch& batch) override {
    if (broken_) return Err("unavailable", "told to fail");
    return real_->Write(batch);
  }
  Result<std::vector<store::OutboxEntry>> Outbox(const std::string& producer) override {
    return real_->Outbox(producer);
  }
  Result<std::string> Mark(const std::string& name) override { return real_->Mark(name); }
  Result<void> SetMark(const std::string& name, const std::string& value) override {
    return real_->SetMark(name, value);
  }
  Result<std::string> KeepMark(const std::string& name, const std::string& value) override {
    return real_->KeepMark(name, value);
  }
  Result<size_t> Prune(WallTime before, size_t limit) override {
    return real_->Prune(before, limit);
  }

 private:
  std::unique_ptr<store::Store> real_;
  std::atomic<bool>& broken_;
};

/// A log that can be told to refuse, in front of a real one.
class FlakyBroker final : public broker::Broker, public broker::NotificationLog {
 public:
  explicit FlakyBroker(std::unique_ptr<broker::Broker> real) : real_(std::move(real)) {}
  broker::NotificationLog& log() override { return *this; }
  broker::SessionStore& sessions() override { return real_->sessions(); }
  broker::PubSub& pub_sub() override { return real_->pub_sub(); }
  broker::TaskQueue& tasks() override { return real_->tasks(); }
  broker::Cache& cache() override { return real_->cache(); }
  broker::RevocationList& revocations() override { return real_->revocations(); }
  broker::RateLimiter& rate_limiter() override { return real_->rate_limiter(); }
  void Reject(broker::Rejected r) override { real_->Reject(std::move(r)); }
  void ListRejected(size_t max,
                    std::function<void(std::vector<broker::Rejected>)> done) override {
    real_->ListRejected(max, std::move(done));
  }
  broker::BrokerHealth health() const override { return real_->health(); }
  void Shutdown(std::function<void()> done) override { real_->Shutdown(std::move(done)); }

  void Append(std::vector<broker::AppendRequest> requests, AppendDone done) override {
    if (broken) return done(Err("unavailable", "told to refuse"));
    real_->log().Append(std::move(requests), std::move(done));
  }
  void Tail(TailFn tail) override { real_->log().Tail(std::move(tail)); }
  void Read(const broker::LogOffset& after, const broker::LogOffset& last, size_t entries,
            size_t bytes, ReadDone done) override {
    real_->log().Read(after, last, entries, bytes, std::move(done));
  }
  broker::LogOffset tail_offset() const override { return real_->log().tail_offset(); }
  void OnBreak(std::function<void()> on_break) override { real_->log().OnBreak(std::move(on_break)); }

  std::atomic<bool> broken{false};

 private:
  std::unique_ptr<broker::Broker> real_;
};

class PositionIntakeTest : public testing::Test {
 protected:
  void SetUp() override {
    control_.Start();
    auto opened = broker::OpenEmbeddedBroker({}, control_, clock_);
    ASSERT_TRUE(opened);
    broker_ = std::make_unique<FlakyBroker>(std::move(*opened));
    control_.Run([this] {
      broker_->log().Tail([this](const std::vector<broker::LogEntryPtr>& entries) {
        const std::lock_guard lock(mutex_);
        for (const auto& entry : entries) told_.push_back(Short(entry->envelope));
        last_told_ = entries.back()->envelope;
      });
    });
    Start();
  }
  void TearDown() override {
    intake_.reset();
    control_.Run([this] { broker_.reset(); });
    control_.Stop();
  }

  void Start() {
    auto store = store::OpenStore("sqlite://" + directory_.File("t.db"));
    ASSERT_TRUE(store);
    limits_.tick = 1ms;
    limits_.max_waiting_fixes = 1000;
    auto made = MakePositionIntake(
        std::make_unique<FlakyStore>(std::move(*store), store_broken_), broker_->log(), clock_, limits_,
        [this](const auto& clients, const auto& states) {
          const std::lock_guard lock(mutex_);
          registered_.push_back(std::to_string(clients.size()) + "+" +
                                std::to_string(states.size()));
          last_states_ = states;
        },
        scope_);
    ASSERT_TRUE(made);
    intake_ = std::move(*made);
  }
  void Restart() {
    intake_.reset();
    Start();
  }
  size_t HistorySize(const std::string& id) {
    auto history = store::OpenHistory("sqlite://" + directory_.File("t.db"));
    store::HistoryQuery all;
    all.tracker = Id(id);
    return (*history)->Read(all)->size();
  }
  void Register(const List& ids) {
    std::vector<Tracker> trackers;
    for (const std::string& id : ids) {
      trackers.push_back({});
      trackers.back().id = Id(id);
      trackers.back().provider = "replay:x";
      trackers.back().offline_after = 600s;
    }
    EXPECT_TRUE(test::Await<Result<void>>(
        [&](auto done) { intake_->Register({{Id("c"), "C"}}, trackers, done); }));
  }
  PositionIntake::FixReport Report(const std::string& id, std::chrono::milliseconds after = 0s,
                                   double speed = 0) {
    Fix fix;
    fix.place = {1, 2};
    fix.fix_time = clock_.WallNow() + after;
    fix.speed_mps = speed;
    return {Id(id), fix};
  }
  void Take(std::vector<PositionIntake::FixReport> fixes) {
    test::Await<bool>([&](auto done) { intake_->Take(std::move(fixes), [done] { done(true); }); });
  }
  IntakeCounters Counters() {
    return test::Await<IntakeCounters>([&](auto done) { intake_->Counters(done); });
  }
  /// What the log's tail got: `a@ms` for a location, `a:online` for a status.
  List Told() {
    control_.Run([] {});
    const std::lock_guard lock(mutex_);
    return told_;
  }
  bool Tells(const std::string& text) {
    return test::Until([&] {
      const List told = Told();
      return std::find(told.begin(), told.end(), text) != told.end();
    });
  }
  std::string Short(const std::string& envelope) const {
    const auto parsed = ParseEnvelope(envelope, 100'000);
    EXPECT_TRUE(parsed) << envelope;
    const auto body = *base::ScanJson(parsed->notification);
    const auto text = [&](const char* name) {
      return base::DecodeJsonString(base::FindMember(body, name)->text);
    };
    EXPECT_EQ(Id(text("tracker_id")), parsed->tracker_id);
    if (parsed->message_type == "tracker_status_change") {
      return text("tracker_id") + ":" + text("status") + "(" + text("reason") + ")";
    }
    EXPECT_EQ(parsed->message_type, "tracker_location_updated");
    return text("tracker_id") + "@" + text("fix_time").substr(17, 6);
  }

  test::TempDir directory_;
  test::SharedClock clock_;
  net::Loop control_{"control"};
  IntakeLimits limits_;
  IntakeScope scope_;
  std::atomic<bool> store_broken_{false};
  std::unique_ptr<FlakyBroker> broker_;
  std::mutex mutex_;  // guards what the callbacks below collect
  List told_;
  std::string last_told_;
  List registered_;
  std::vector<tracking::TrackerState> last_states_;
  std::unique_ptr<PositionIntake> intake_;
};

TEST_F(PositionIntakeTest, LetsWhatWasSetByHandStayWhateverProvidersSay) {
  Register({"a"});
  Take({Report("a")});
  const auto edit = [&](const std::string& id, const tracking::TrackerEdit& change) {
    return test::Await<std::shared_ptr<Result<Tracker>>>([&](auto done) {
      intake_->Edit(Id(id), change, [done](Result<Tracker> tracker) {
        done(std::make_shared<Result<Tracker>>(std::move(tracker)));
      });
    });
  };
  tracking::TrackerEdit change;
  change.sets_client = true;
  change.client_id = Id("c");
  change.is_public = true;
  const auto edited = edit("a", change);
  ASSERT_TRUE(*edited) << edited->error().detail;
  EXPECT_EQ((*edited)->client_id, Id("c"));
  {
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(registered_.back(), "0+1") << "the board hears of it";
    EXPECT_TRUE(last_states_.front().tracker.is_public);
    EXPECT_TRUE(last_states_.front().latest) << "with what is known of it";
  }
  EXPECT_EQ((*edit("nobody", change)).error().code, "unknown_tracker");
  for (int round = 0; round < 2; ++round) {
    Register({"a"});
    {
      const std::lock_guard lock(mutex_);
      EXPECT_EQ(last_states_.front().tracker.client_id, Id("c"));
      EXPECT_TRUE(last_states_.front().tracker.is_public);
    }
    Restart();
  }
}

TEST_F(PositionIntakeTest, TellsStatusThenLocationWhenTheyAreInTheLog) {
  Register({"a", "b"});
  Take({Report("a", 0s, 5), Report("b")});
  EXPECT_EQ(Told(), (List{"a:online(contact)", "a:moving(motion)", "a@20.000", "b:online(contact)",
                          "b:stopped(motion)", "b@20.000"}));
  const IntakeCounters counters = Counters();
  EXPECT_EQ(counters.accepted, 2u);
  EXPECT_EQ(counters.status_changes, 4u);
}

TEST_F(PositionIntakeTest, LateAndDoubleOnesAreStoredOrDroppedButNotTold) {
  Register({"a"});
  Take({Report("a", 0s)});
  const size_t before = Told().size();
  Take({Report("a", 0s), Report("a", -5s), Report("a", -5s), Report("a", -9s)});
  EXPECT_EQ(Told().size(), before);
  const IntakeCounters counters = Counters();
  EXPECT_EQ(counters.late, 2u);
  EXPECT_EQ(counters.duplicate, 2u);
  intake_.reset();
  EXPECT_EQ(HistorySize("a"), 3u);
}

TEST_F(PositionIntakeTest, SaysWhatBecameOfAFixThatAnswersARequest) {
  Register({"a"});
  const auto answer = [&](PositionIntake::FixReport report) {
    return test::Await<Result<FixOutcome>>([&](auto done) {
      report.answer = std::make_shared<FixAnswer>(FixAnswer{"r-1", done});
      intake_->Take({report}, {});
    });
  };
  const auto fresh = Report("a", 5s);
  EXPECT_EQ(*answer(fresh), FixOutcome::kAccepted);
  control_.Run([] {});
  {
    const std::lock_guard lock(mutex_);
    EXPECT_NE(last_told_.find("\"request_id\":\"r-1\"}"), std::string::npos) << last_told_;
  }
  EXPECT_EQ(*answer(fresh), FixOutcome::kDuplicate);
  EXPECT_EQ(*answer(Report("a", 1s)), FixOutcome::kLate);
  EXPECT_EQ(answer(Report("b", 1s)).error().code, "unknown_tracker");
  EXPECT_EQ(answer(Report("a", 1h)).error().code, "future_fix_time");
}

TEST_F(PositionIntakeTest, RefusesBadFixesAndKeepsTheRest) {
  Register({"a"});
  auto far = Report("a");
  far.fix.place.latitude = 91;
  Take({far, Report("nobody"), Report("a", 121s), Report("a", 120s)});
  EXPECT_EQ(Counters().refused, 3u);
  EXPECT_EQ(Counters().accepted, 1u);
}

TEST_F(PositionIntakeTest, SilenceIsToldOnceAndSoIsTheReturn) {
  Register({"a"});
  Take({Report("a")});
  clock_.Advance(599s);
  Take({Report("a")});
  clock_.Advance(600s);
  EXPECT_TRUE(Tells("a:offline(timeout)"));
  clock_.Advance(600s);
  Take({Report("a")});
  const List told = Told();
  EXPECT_EQ(std::count(told.begin(), told.end(), "a:offline(timeout)"), 1);
  EXPECT_EQ(std::count(told.begin(), told.end(), "a:online(contact)"), 2);
}

TEST_F(PositionIntakeTest, ARestartTellsNothingTwice) {
  Register({"a"});
  Take({Report("a", 0s, 5)});
  const List before = Told();
  clock_.Advance(10s);
  Restart();
  Register({"a"});
  EXPECT_EQ(last_states_[0].status.motion, tracking::Motion::kMoving);
  EXPECT_TRUE(last_states_[0].latest);
  Take({Report("a", 0s, 5)});
  List expected = before;
  expected.push_back("a@30.000");
  EXPECT_EQ(Told(), expected);
  EXPECT_EQ(registered_, (List{"0+0", "1+1", "1+1", "1+1"}));
}

TEST_F(PositionIntakeTest, WhatWasStoredButNotLoggedIsToldAfterARestart) {
  Register({"a"});
  broker_->broken = true;
  intake_->Take({Report("a")}, {});
  ASSERT_TRUE(test::Until([&] { return Counters().retries > 0; }));
  intake_.reset();
  EXPECT_EQ(Told(), List{});
  broker_->broken = false;
  Start();
  EXPECT_TRUE(Tells("a@20.000"));
  EXPECT_EQ(Told(), (List{"a:online(contact)", "a:stopped(motion)", "a@20.000"}));
  Restart();
  Take({});
  EXPECT_EQ(Told().size(), 3u);
}

TEST_F(PositionIntakeTest, AStopStoresWhatWaitedForALogThatDoesNotComeBack) {
  Register({"a"});
  broker_->broken = true;
  constexpr int kReports = 20;
  for (int i = 0; i < kReports; ++i) {
    intake_->Take({Report("a", std::chrono::milliseconds(i))}, {});
    Counters();  // a batch of its own each, until the intake waits for the log
  }
  EXPECT_LT(Counters().accepted, static_cast<uint64_t>(kReports));
  intake_.reset();
  broker_->broken = false;
  Start();
  EXPECT_TRUE(Tells("a@20.019"));
  EXPECT_EQ(Told().size(), kReports + 2u);
}

TEST_F(PositionIntakeTest, DropsWhatTheLogMayHaveForgottenAgain) {
  Register({"a"});
  limits_.outbox_lifetime = 30s;
  broker_->broken = true;
  intake_->Take({Report("a")}, {});
  ASSERT_TRUE(test::Until([&] { return Counters().retries > 0; }));
  intake_.reset();
  clock_.Advance(30s);
  broker_->broken = false;
  Start();
  Take({Report("a")});
  EXPECT_EQ(Told(), List{"a@50.000"});
}

TEST_F(PositionIntakeTest, AFailingStoreHoldsEverythingBackAndLosesNothing) {
  Register({"a"});
  store_broken_ = true;
  std::atomic<int> answered{0};
  for (int i = 0; i < 5; ++i) {
    intake_->Take({Report("a", std::chrono::milliseconds(i))}, [&] { ++answered; });
  }
  ASSERT_TRUE(test::Until([&] { return Counters().retries > 0; }));
  EXPECT_EQ(answered, 0);
  EXPECT_EQ(Told(), List{});
  store_broken_ = false;
  ASSERT_TRUE(test::Until([&] { return answered == 5; }));
  EXPECT_EQ(Told(), (List{"a:online(contact)", "a:stopped(motion)", "a@20.000", "a@20.001",
                          "a@20.002", "a@20.003", "a@20.004"}));
}

TEST_F(PositionIntakeTest, ALogThatRefusesForAWhileLosesNothing) {
  Register({"a"});
  broker_->broken = true;
  std::atomic<int> answered{0};
  for (int i = 0; i < 5; ++i) {
    intake_->Take({Report("a", std::chrono::milliseconds(i))}, [&] { ++answered; });
  }
  ASSERT_TRUE(test::Until([&] { return Counters().retries > 0; }));
  EXPECT_EQ(answered, 0);
  broker_->broken = false;
  ASSERT_TRUE(test::Until([&] { return answered == 5; }));
  const List told = Told();
  EXPECT_EQ(told.size(), 7u);
  EXPECT_TRUE(std::is_sorted(told.begin() + 2, told.end()));
}

TEST_F(PositionIntakeTest, TooMuchWaitingIsRefusedAndAnswered) {
  Register({"a"});
  std::vector<PositionIntake::FixReport> many;
  for (int i = 0; i < 1001; ++i) many.push_back(Report("a", std::chrono::milliseconds(i)));
  Take(many);
  EXPECT_EQ(Counters().overflow, 1001u);
  EXPECT_EQ(Counters().accepted, 0u);
}

TEST_F(PositionIntakeTest, AProviderThatIsDownMakesItsTrackersUnknown) {
  Register({"a", "b"});
  Take({Report("a")});
  intake_->ProviderState("replay:x", false);
  EXPECT_TRUE(Tells("a:unknown(provider_down)"));
  intake_->ProviderState("replay:other", true);
  intake_->ProviderState("replay:x", true);
  Take({});
  const List told = Told();
  EXPECT_EQ(told.back(), "a:online(contact)");
  EXPECT_EQ(told.size(), 5u) << "b was never heard";
}

TEST_F(PositionIntakeTest, HistoryOlderThanTheRetentionGoesAway) {
  Register({"a"});
  Take({Report("a"), Report("a", 1s)});
  clock_.Advance(24h * 30 + 1h);
  Take({Report("a")});
  EXPECT_TRUE(test::Until([&] { return HistorySize("a") == 1; }));
}

TEST_F(PositionIntakeTest, CallersOnManyThreadsAreAllAnswered) {
  Register({"a"});
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        intake_->Take({Report("a", std::chrono::milliseconds(i * 4 + t))}, [&] { ++answered; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(test::Until([&] { return answered == 200; }));
  const IntakeCounters counters = Counters();
  EXPECT_EQ(counters.accepted + counters.late + counters.duplicate, 200u);
}

TEST_F(PositionIntakeTest, WhatOneProviderLeftUntoldIsToldByWhoeverRunsItNextAndOnce) {
  scope_.producer = "replay:x";
  scope_.provider = "replay:x";
  Restart();
  Register({"a"});
  broker_->broken = true;
  intake_->Take({Report("a")}, {});
  ASSERT_TRUE(test::Until([&] { return Counters().retries > 0; }));
  intake_.reset();
  broker_->broken = false;
  scope_.producer = "replay:other";
  scope_.provider = "replay:other";
  Start();
  Take({Report("a")});
  EXPECT_EQ(Told(), List{}) << "neither its outbox nor its tracker";
  EXPECT_EQ(Counters().refused, 1u);
  intake_.reset();
  scope_.producer = "replay:x";
  scope_.provider = "replay:x";
  Start();
  EXPECT_TRUE(Tells("a@20.000"));
  Restart();
  Take({});
  EXPECT_EQ(Told().size(), 3u);
}

TEST_F(PositionIntakeTest, FollowsWhatAnotherProcessChanges) {
  std::atomic<int> reloaded{0};
  scope_.on_reloaded = [&](const auto&, const auto&) { ++reloaded; };
  Restart();
  Register({"a"});
  auto other = std::move(*store::OpenStore("sqlite://" + directory_.File("t.db")));
  Tracker made;
  made.id = Id("b");
  made.provider = "push";
  ASSERT_TRUE(other->CreateTracker(made));
  ASSERT_TRUE(other->RemoveTracker(Id("a")));
  Take({Report("b")});
  EXPECT_EQ(Counters().refused, 1u) << "nobody has said so yet";
  intake_->Reload();
  intake_->Reload();
  ASSERT_TRUE(test::Until([&] { return reloaded > 0; }));
  Take({Report("a"), Report("b")});
  EXPECT_EQ(Counters().refused, 2u);
  EXPECT_EQ(Counters().accepted, 1u);
  EXPECT_EQ(reloaded, 1);
}

TEST_F(PositionIntakeTest, OneWhoPushesIsLookedForAtOnceWhereOthersMakeTrackers) {
  scope_.producer = "push";
  scope_.provider = "push";
  Restart();
  auto other = std::move(*store::OpenStore("sqlite://" + directory_.File("t.db")));
  Tracker made;
  made.id = Id("b");
  made.provider = "push";
  ASSERT_TRUE(other->CreateTracker(made));
  auto pushed = Report("b");
  pushed.pushed = true;
  auto nobody = Report("nobody");
  nobody.pushed = true;
  Take({nobody, pushed});
  EXPECT_EQ(Counters().accepted, 1u);
  EXPECT_EQ(Counters().refused, 1u);
}

TEST_F(PositionIntakeTest, AChangeIsFollowedBeforeItIsAnswered) {
  std::vector<Id> removed;
  scope_.on_removed = [&](const StoreChange& change) { removed = change.removed_trackers; };
  Restart();
  Register({"a"});
  Take({Report("a")});
  const auto change = [&](const StoreJob& job) {
    return test::Await<std::string>([&](auto done) {
      intake_->Change(job, [done](const Result<StoreChange>& result) {
        done(result ? "done" : result.error().code);
      });
    });
  };
  const StoreJob remove = [](store::Store& store) -> Result<StoreChange> {
    if (auto gone = store.RemoveTracker(Id("a")); !gone) return Err(std::move(gone.error()));
    StoreChange made;
    made.removed_trackers.push_back(Id("a"));
    return made;
  };
  EXPECT_EQ(change(remove), "done");
  EXPECT_EQ(removed, std::vector<Id>{Id("a")});
  EXPECT_EQ(change(remove), "unknown_tracker");
  Take({Report("a", 1s)});
  EXPECT_EQ(Counters().refused, 1u);
  clock_.Advance(1h);
  Take({});
  const List told = Told();
  EXPECT_EQ(std::count(told.begin(), told.end(), "a:offline(timeout)"), 0) << "nobody misses it";
}

}  // namespace
}  // namespace trackwire::ingest
