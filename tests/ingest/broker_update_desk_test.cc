#include "ingest/broker_update_desk.h"

#include <gtest/gtest.h>

#include <mutex>

#include "base/json_scanner.h"
#include "broker/embedded/embedded_broker.h"
#include "ingest/envelope.h"
#include "ingest/update_worker.h"
#include "tests/support/await.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;
using tracking::Id;
using List = std::vector<std::string>;

constexpr const char* kProvider = "test:office";

/// A provider that answers when told.
class SlowSource final : public UpdateSource {
 public:
  void Ask(UpdateRequest request, std::function<void(UpdateOutcome)> done) override {
    const std::lock_guard lock(mutex_);
    asked_.push_back(request.tracker_id.ToText());
    waiting_.push_back(std::move(done));
  }
  List asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  void Answer(size_t index, UpdateOutcome outcome) {
    std::function<void(UpdateOutcome)> done;
    {
      const std::lock_guard lock(mutex_);
      done = waiting_.at(index);
    }
    done(std::move(outcome));
  }

 private:
  mutable std::mutex mutex_;
  List asked_;
  std::vector<std::function<void(UpdateOutcome)>> waiting_;
};

class BrokerUpdateDeskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    control_.Start();
    auto opened = broker::OpenEmbeddedBroker({}, control_, Clock::System());
    ASSERT_TRUE(opened) << opened.error().detail;
    broker_ = std::move(*opened);
    control_.Run([this] {
      broker_->log().Tail([this](const std::vector<broker::LogEntryPtr>& entries) {
        const std::lock_guard lock(mutex_);
        for (const auto& entry : entries) told_.push_back(entry->envelope);
      });
      announced_ = broker_->pub_sub().Subscribe(kUpdateRequests, [this](std::string_view text) {
        const std::lock_guard lock(mutex_);
        announcements_.emplace_back(text);
      });
    });
  }
  void TearDown() override {
    control_.Run([this] {
      workers_.clear();
      desks_.clear();
      announced_.reset();
      broker_.reset();
    });
    control_.Stop();
  }

  BrokerUpdateDesk& AddDesk(std::function<void(BrokerUpdateDesk::Options&)> change = {}) {
    BrokerUpdateDesk::Options options;
    options.find = [](const Id& id) -> std::optional<BrokerUpdateDesk::Target> {
      if (id == Id("nobody's")) return BrokerUpdateDesk::Target{""};
      if (id == Id("pushes")) return BrokerUpdateDesk::Target{"push"};
      if (id == Id("elsewhere")) return BrokerUpdateDesk::Target{"test:elsewhere"};
      if (id == Id("unknown")) return std::nullopt;
      return BrokerUpdateDesk::Target{kProvider};
    };
    options.runs = [](const std::string& provider) { return provider == kProvider; };
    if (change) change(options);
    control_.Run([&] {
      desks_.push_back(std::make_unique<BrokerUpdateDesk>(control_, *broker_, broker_->log(),
                                                          Clock::System(), options));
      desks_.back()->Start();
    });
    return *desks_.back();
  }
  void AddWorker() {
    control_.Run([this] {
      workers_.push_back(std::make_unique<UpdateWorker>(control_, *broker_, Clock::System(),
                                                        kProvider, source_));
    });
  }
  Result<UpdateState> Ask(BrokerUpdateDesk& desk, const Id& id) {
    return test::Await<Result<UpdateState>>(
        [&](auto done) { desk.Request(id, "socket-1", "ann", done); });
  }
  UpdateState Find(BrokerUpdateDesk& desk, const std::string& request) {
    auto found = test::Await<Result<std::optional<UpdateState>>>(
        [&](auto done) { desk.Find(request, done); });
    return found && *found ? **found : UpdateState{};
  }
  /// What the requester of `request` was told, in order: `failed timeout`.
  List Told(const std::string& request) {
    const std::lock_guard lock(mutex_);
    List list;
    for (const std::string& text : told_) {
      const auto envelope = ParseEnvelope(text, text.size());
      if (!envelope || envelope->message_type != "tracker_update_status") continue;
      EXPECT_EQ(envelope->socket_id, "socket-1");
      const auto object = base::ScanJson(envelope->notification);
      const auto text_of = [&](const char* name) {
        const auto member = base::FindMember(*object, name);
        return member ? base::DecodeJsonString(member->text) : std::string();
      };
      if (text_of("request_id") != request) continue;
      const std::string reason = text_of("reason");
      list.push_back(text_of("status") + (reason.empty() ? "" : " " + reason));
    }
    return list;
  }
  void ExpectTold(const std::string& request, const List& expected) {
    EXPECT_TRUE(test::Until([&] { return Told(request).size() >= expected.size(); }));
    EXPECT_EQ(Told(request), expected);
  }
  void SayLocation(const Id& id) {
    broker_->log().Append(
        {{MakeEnvelope("tracker_location_updated",
                       "{\"tracker_id\":" + id.ToJson() + ",\"latitude\":1,\"longitude\":2}", id,
                       ""),
          "", Steady::now()}},
        [](const auto&) {});
  }
  List announcements() {
    const std::lock_guard lock(mutex_);
    return announcements_;
  }
  bool AskedFor(size_t count) {
    return test::Until([&] { return source_.asked().size() >= count; });
  }

  net::Loop control_{"control"};
  std::unique_ptr<broker::Broker> broker_;
  std::unique_ptr<broker::PubSub::Subscription> announced_;
  SlowSource source_;
  std::vector<std::unique_ptr<BrokerUpdateDesk>> desks_;
  std::vector<std::unique_ptr<UpdateWorker>> workers_;
  std::mutex mutex_;
  List told_;
  List announcements_;
};

TEST_F(BrokerUpdateDeskTest, LeadsARequestFromTheQueueToItsPosition) {
  auto& desk = AddDesk();
  AddWorker();
  const auto state = Ask(desk, Id("bus-7"));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->status, UpdateStatus::kQueued);
  const std::string id = state->request.request_id;
  ASSERT_TRUE(AskedFor(1));
  ExpectTold(id, {"queued", "fetching"});
  EXPECT_EQ(Find(desk, id).status, UpdateStatus::kFetching);

  SayLocation(Id("bus-7"));
  source_.Answer(0, {UpdateStatus::kFetched, "", 40ms});
  ExpectTold(id, {"queued", "fetching", "fetched"});
  EXPECT_EQ(Find(desk, id).status, UpdateStatus::kFetched);
  EXPECT_EQ(Find(desk, id).request.requested_by, "ann");
  ASSERT_EQ(announcements().size(), 1u);
  EXPECT_NE(announcements()[0].find("\"request_id\":\"" + id + "\""), std::string::npos);
  UpdateCounters counters;
  control_.Run([&] { counters = desk.counters(); });
  EXPECT_EQ(counters.by_status, (std::array<uint64_t, 5>{1, 1, 1, 0, 0}));
  EXPECT_EQ(counters.latency.count(), 1u);
}

TEST_F(BrokerUpdateDeskTest, SaysFetchedOnlyAfterThePosition) {
  auto& desk = AddDesk();
  AddWorker();
  const auto state = Ask(desk, Id("bus-7"));
  ASSERT_TRUE(AskedFor(1));
  source_.Answer(0, {UpdateStatus::kFetched, "", 0ms});
  SayLocation(Id("bus-7"));
  ExpectTold(state->request.request_id, {"queued", "fetching", "fetched"});
  const std::lock_guard lock(mutex_);
  EXPECT_NE(told_.back().find("fetched"), std::string::npos);
}

TEST_F(BrokerUpdateDeskTest, FailsAtOnceWhenNobodyCanBeAsked) {
  auto& desk = AddDesk();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"unknown", "unknown_tracker"}, {"nobody's", "no_provider"},
      {"pushes", "unsupported"},      {"elsewhere", "no_provider"}};
  for (const auto& [tracker, reason] : cases) {
    const auto state = Ask(desk, Id(tracker));
    ASSERT_TRUE(state);
    EXPECT_EQ(state->status, UpdateStatus::kFailed) << tracker;
    EXPECT_EQ(state->reason, reason) << tracker;
    ExpectTold(state->request.request_id, {"failed " + reason});
    EXPECT_EQ(Find(desk, state->request.request_id).reason, reason);
  }
}

TEST_F(BrokerUpdateDeskTest, EndsAtTheDeadlineWhenNobodyWorks) {
  auto& desk = AddDesk([](auto& options) { options.deadline = 50ms; });
  const auto state = Ask(desk, Id("bus-7"));
  ExpectTold(state->request.request_id, {"queued", "failed timeout"});
}

TEST_F(BrokerUpdateDeskTest, RequestsForOneTrackerAreOneTaskAndEachIsTold) {
  auto& desk = AddDesk();
  AddWorker();
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(Ask(desk, Id("bus-7"))->request.request_id);
  ASSERT_TRUE(AskedFor(1));
  for (const std::string& id : ids) ExpectTold(id, {"queued", "fetching"});
  source_.Answer(0, {UpdateStatus::kFailed, "no_fix", 0ms});
  for (const std::string& id : ids) ExpectTold(id, {"queued", "fetching", "failed no_fix"});
  EXPECT_EQ(source_.asked().size(), 1u);
}

TEST_F(BrokerUpdateDeskTest, WhoJoinedIsNotOutOfTimeWithTheFirst) {
  auto& desk = AddDesk();
  AddWorker();
  const std::string first = Ask(desk, Id("bus-7"))->request.request_id;
  ExpectTold(first, {"queued", "fetching"});
  const std::string second = Ask(desk, Id("bus-7"))->request.request_id;
  ExpectTold(second, {"queued", "fetching"});
  source_.Answer(0, {UpdateStatus::kFailed, "timeout", 0ms});
  ExpectTold(first, {"queued", "fetching", "failed timeout"});
  ASSERT_TRUE(AskedFor(2));
  source_.Answer(1, {UpdateStatus::kUnchanged, "", 0ms});
  ExpectTold(second, {"queued", "fetching", "unchanged"});
}

TEST_F(BrokerUpdateDeskTest, AnotherWorkerGoesOnWithWhatOneGaveBack) {
  auto& desk = AddDesk();
  AddWorker();
  const auto state = Ask(desk, Id("bus-7"));
  ASSERT_TRUE(AskedFor(1));
  source_.Answer(0, {UpdateStatus::kFailed, "cancelled", 0ms});
  ASSERT_TRUE(AskedFor(2));
  // And with what one left without a word.
  AddWorker();
  control_.Run([this] { workers_[0].reset(); });
  ASSERT_TRUE(AskedFor(3));
  source_.Answer(2, {UpdateStatus::kUnchanged, "", 0ms});
  ExpectTold(state->request.request_id, {"queued", "fetching", "unchanged"});
}

TEST_F(BrokerUpdateDeskTest, AnotherDeskWatchesOnWhenOneEnds) {
  auto& desk = AddDesk();
  AddWorker();
  const auto state = Ask(desk, Id("bus-7"));
  ASSERT_TRUE(AskedFor(1));
  ExpectTold(state->request.request_id, {"queued", "fetching"});
  auto& other = AddDesk();
  control_.Run([&] { desk.Stop(); });
  source_.Answer(0, {UpdateStatus::kUnchanged, "", 0ms});
  ExpectTold(state->request.request_id, {"queued", "fetching", "unchanged"});
  EXPECT_EQ(Find(other, state->request.request_id).status, UpdateStatus::kUnchanged);
  EXPECT_EQ(source_.asked().size(), 1u);
  EXPECT_EQ(Ask(desk, Id("bus-7")).error().code, "unavailable");
}

TEST_F(BrokerUpdateDeskTest, FindsOutWhatEndedBetweenTwoDesks) {
  auto& desk = AddDesk();
  AddWorker();
  const auto state = Ask(desk, Id("bus-7"));
  ASSERT_TRUE(AskedFor(1));
  ExpectTold(state->request.request_id, {"queued", "fetching"});
  control_.Run([&] { desk.Stop(); });
  source_.Answer(0, {UpdateStatus::kUnchanged, "", 0ms});
  control_.Run([] {});
  AddDesk();
  ExpectTold(state->request.request_id, {"queued", "fetching", "unchanged"});
  EXPECT_EQ(source_.asked().size(), 1u);
}

TEST_F(BrokerUpdateDeskTest, TakesWhatOthersAnnounceOnce) {
  for (int i = 0; i < 3; ++i) AddDesk([](auto& options) { options.gateway = false; });
  AddDesk();
  AddWorker();
  broker_->pub_sub().Publish(
      kUpdateRequests, R"({"request_id":"r-1","tracker_id":"bus-7","socket_id":"socket-1"})");
  ASSERT_TRUE(AskedFor(1));
  source_.Answer(0, {UpdateStatus::kUnchanged, "", 0ms});
  ExpectTold("r-1", {"queued", "fetching", "unchanged"});
  EXPECT_EQ(source_.asked().size(), 1u);
  EXPECT_EQ(announcements().size(), 1u);
}

TEST_F(BrokerUpdateDeskTest, RefusesAnnouncementsThatAreNone) {
  auto& desk = AddDesk();
  for (const char* text : {"", "7", "{}", R"({"tracker_id":1.5})", R"({"tracker_id":""})",
                           R"({"tracker_id":1,"request_id":[]})",
                           R"({"tracker_id":1,"socket_id":{}})"}) {
    broker_->pub_sub().Publish(kUpdateRequests, text);
  }
  UpdateCounters counters;
  EXPECT_TRUE(test::Until([&] {
    control_.Run([&] { counters = desk.counters(); });
    return counters.refused == 7;
  }));
}

TEST_F(BrokerUpdateDeskTest, LeavesTheAskingToOthersWhenToldTo) {
  auto& desk = AddDesk([](auto& options) { options.external = true; });
  AddWorker();
  const auto state = Ask(desk, Id("elsewhere"));
  ASSERT_TRUE(test::Until([&] { return announcements().size() == 1; }));
  ExpectTold(state->request.request_id, {"queued"});
  SayLocation(Id("another"));
  SayLocation(Id("elsewhere"));
  ExpectTold(state->request.request_id, {"queued", "fetched"});
  EXPECT_TRUE(source_.asked().empty());
}

TEST_F(BrokerUpdateDeskTest, AnswersAreHeardWhateverTheyAre) {
  auto& desk = AddDesk([](auto& options) { options.max_waiting = 1; });
  // No worker: the first waits in the provider's queue, so there is no room for the second.
  const auto first = Ask(desk, Id("bus-1"));
  ExpectTold(first->request.request_id, {"queued"});
  ASSERT_TRUE(test::Until([&] {
    const auto waiting = test::Await<Result<uint64_t>>(
        [&](auto done) { broker_->tasks().CountWaiting(UpdateQueueOf(kProvider), done); });
    return waiting && *waiting == 1;
  }));
  const auto second = Ask(desk, Id("bus-2"));
  ExpectTold(second->request.request_id, {"queued", "failed queue_full"});
}

}  // namespace
}  // namespace trackwire::ingest
