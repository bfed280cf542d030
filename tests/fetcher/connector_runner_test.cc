#include "fetcher/connector_runner.h"

#include <algorithm>
#include <set>

#include "tests/fetcher/runner_scene.h"

namespace trackwire::fetcher {
namespace {

using namespace std::chrono_literals;
using ConnectorRunnerTest = RunnerScene;
using List = std::vector<std::string>;

constexpr Connector::Abilities kAll{.all = true};
constexpr Connector::Abilities kOne{.one = true};
constexpr Connector::Abilities kBoth{.all = true, .one = true};
constexpr Connector::Abilities kListens{.all = true, .one = true, .listens = true};

List Numbered(size_t count) {
  List names;
  for (size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

TEST_F(ConnectorRunnerTest, AsksForTheWholeFeedInItsInterval) {
  options_.interval = 10s;
  Make(kAll);
  Follow({"a", "b"});
  runner_->Start();
  AdvanceAnswering(101s, [&] { AnswerWith({"a", "b"}); });
  EXPECT_GE(script_.asked.size(), 9u);
  EXPECT_LE(script_.asked.size(), 12u);
  EXPECT_EQ(intake_.taken.size(), 2 * script_.asked.size());
  EXPECT_EQ(intake_.taken[0].tracker_id, tracking::Id("t-a"));
  EXPECT_EQ(intake_.taken[0].fix.source, "test:office");
  EXPECT_EQ(intake_.states, List{"up"});
}

TEST_F(ConnectorRunnerTest, TakesTheNextAnswerOnlyWhenTheLastIsStored) {
  options_.interval = 1s;
  Make(kAll);
  Follow({"a"});
  runner_->Start();
  Advance(1s);
  ASSERT_EQ(script_.asked.size(), 1u);
  // Not answered: nothing more is asked, however long that takes.
  Advance(60s);
  EXPECT_EQ(script_.asked.size(), 1u);
  AnswerWith({"a"});
  Advance(2s);
  EXPECT_EQ(script_.asked.size(), 2u);
}

TEST_F(ConnectorRunnerTest, SpreadsManyTrackersOverTheInterval) {
  options_.interval = 60s;
  options_.concurrency = 1'000;
  options_.requests_per_second = 1'000'000;
  Make(kOne);
  Follow(Numbered(6'000));
  runner_->Start();
  // 100 a second on average: no second before the second round has far more.
  std::vector<size_t> each;
  for (int second = 0; second < 50; ++second) {
    const size_t before = script_.asked.size();
    AdvanceAnswering(1s, [&] { AnswerOne(); });
    each.push_back(script_.asked.size() - before);
  }
  EXPECT_LE(*std::max_element(each.begin(), each.end()), 160u);
  EXPECT_GE(*std::min_element(each.begin(), each.end()), 50u);
  EXPECT_EQ(intake_.taken.size(), script_.asked.size());
}

TEST_F(ConnectorRunnerTest, LetsATrackerHaveItsOwnInterval) {
  options_.interval = 1h;
  Make(kOne);
  runner_->Follow({Tracker("often", 5s), Tracker("seldom")});
  runner_->Start();
  AdvanceAnswering(60s, [&] { AnswerOne(); });
  EXPECT_GE(std::count(script_.asked.begin(), script_.asked.end(), "often"), 10);
  EXPECT_LE(std::count(script_.asked.begin(), script_.asked.end(), "seldom"), 1);
}

TEST_F(ConnectorRunnerTest, ForgetsTrackersThatGoOrAreAnothers) {
  options_.interval = 5s;
  Make(kOne);
  Follow({"a", "b", "c"});
  runner_->Start();
  AdvanceAnswering(10s, [&] { AnswerOne(); });
  auto moved = Tracker("b");
  moved.provider = "test:elsewhere";
  runner_->Follow({moved});
  runner_->Forget({tracking::Id("t-a")});
  script_.asked.clear();
  AdvanceAnswering(20s, [&] { AnswerOne(); });
  EXPECT_EQ(std::set<std::string>(script_.asked.begin(), script_.asked.end()),
            std::set<std::string>{"c"});
  EXPECT_EQ(runner_->counters().trackers, 1u);
  runner_->Replace({Tracker("d"), moved});
  script_.asked.clear();
  AdvanceAnswering(20s, [&] { AnswerOne(); });
  EXPECT_EQ(std::set<std::string>(script_.asked.begin(), script_.asked.end()),
            std::set<std::string>{"d"});
}

TEST_F(ConnectorRunnerTest, KeepsToItsConcurrencyAndRate) {
  options_.interval = 1s;
  options_.concurrency = 3;
  options_.requests_per_second = 2;
  Make(kOne);
  Follow(Numbered(50));
  runner_->Start();
  Advance(30s);
  EXPECT_EQ(script_.most_open, 3u);
  EXPECT_EQ(script_.asked.size(), 3u);
  script_.asked.clear();
  AdvanceAnswering(30s, [&] { AnswerOne(); });
  EXPECT_GE(script_.asked.size(), 58u);
  EXPECT_LE(script_.asked.size(), 62u);
  EXPECT_GT(runner_->counters().limited, 0u);
}

TEST_F(ConnectorRunnerTest, PutsPeopleFirst) {
  options_.interval = 1s;
  options_.concurrency = 1;
  Make(kOne);
  Follow(Numbered(50));
  runner_->Start();
  Advance(3s);
  ASSERT_EQ(script_.open.size(), 1u);
  Ask("42");
  EXPECT_EQ(script_.open.size(), 1u);
  AnswerOne();
  EXPECT_EQ(script_.asked.back(), "42");
  Advance(100ms);
  AnswerOne();
  EXPECT_EQ(Outcome("42"), List{"fetched"});
  EXPECT_EQ(provider_time_, 100ms);
  ASSERT_TRUE(intake_.taken.back().answer);
  EXPECT_EQ(intake_.taken.back().answer->request_id, "r-42");
}

TEST_F(ConnectorRunnerTest, SaysUnchangedWhenNothingIsNewer) {
  Make(kOne);
  Follow({"a"});
  Ask("a");
  AnswerOne();
  EXPECT_EQ(Outcome("a"), List{"fetched"});
  Ask("a");
  AnswerOne();  // the same fix time: the clock stands
  EXPECT_EQ(Outcome("a"), (List{"fetched", "unchanged"}));
  Ask("a");
  Answer(Fetched{{}, true, 0});
  EXPECT_EQ(Outcome("a").back(), "unchanged");
  Ask("a");
  Answer(Fetched{});
  EXPECT_EQ(Outcome("a").back(), "failed no_fix");
}

TEST_F(ConnectorRunnerTest, ServesManyByOneFeedThatIsYoungEnough) {
  Make(kAll);
  Follow({"a", "b", "c"});
  runner_->Start();
  Advance(1s);
  ASSERT_EQ(script_.open.size(), 1u);
  Ask("a");
  Ask("b");
  Ask("c");
  EXPECT_EQ(script_.asked.size(), 1u);
  AnswerWith({"a", "b"});
  // The answer under way could be older than what they want to know.
  EXPECT_EQ(script_.asked.size(), 2u);
  EXPECT_TRUE(Outcome("a").empty());
  Advance(1s);
  AnswerWith({"a", "b"});
  EXPECT_EQ(Outcome("a"), List{"fetched"});
  EXPECT_EQ(Outcome("b"), List{"fetched"});
  EXPECT_EQ(Outcome("c"), List{"failed no_fix"});
}

TEST_F(ConnectorRunnerTest, EndsWhatPeopleWantAtTheDeadline) {
  Make(kOne);
  Follow({"a"});
  Ask("a", 2s);
  EXPECT_EQ(script_.timeouts.back(), 2s);
  Advance(1900ms);
  EXPECT_TRUE(Outcome("a").empty());
  Advance(200ms);
  EXPECT_EQ(Outcome("a"), List{"failed timeout"});
  // What comes later is a position like any other.
  AnswerOne();
  EXPECT_EQ(intake_.taken.size(), 1u);
  EXPECT_FALSE(intake_.taken[0].answer);
  EXPECT_EQ(Outcome("a").size(), 1u);
}

TEST_F(ConnectorRunnerTest, LetsADeviceTakeItsTimeToFindItself) {
  script_.abilities = {};
  Make({.one = true, .locates = true});
  Follow({"a"});
  Ask("a", 25s);
  EXPECT_EQ(script_.timeouts.back(), 25s);
}

TEST_F(ConnectorRunnerTest, TriesPassingFailuresAgainAndOthersNot) {
  options_.retries = 2;
  Make(kOne);
  Follow({"a", "b", "c"});
  Ask("a");
  Fail("unreachable");
  EXPECT_TRUE(Outcome("a").empty());
  Advance(1s);
  Fail("timeout");
  Advance(2s);
  AnswerOne();
  EXPECT_EQ(Outcome("a"), List{"fetched"});
  EXPECT_EQ(runner_->counters().retries, 2u);

  Ask("b");
  for (int i = 0; i < 3; ++i) {
    Fail("bad_status");
    Advance(3s);
  }
  EXPECT_EQ(Outcome("b"), List{"failed provider_unavailable"});
  Ask("c");
  Fail("not_found");
  EXPECT_EQ(Outcome("c"), List{"failed unknown_tracker"});
  EXPECT_EQ(runner_->counters().errors,
            (std::map<std::string, uint64_t>{
                {"bad_status", 3}, {"not_found", 1}, {"timeout", 1}, {"unreachable", 1}}));
}

TEST_F(ConnectorRunnerTest, BacksOffWithinBoundsThatDouble) {
  options_.interval = 1h;
  options_.retries = 6;
  options_.breaker_failures = 100;
  options_.backoff = 1s;
  options_.max_backoff = 8s;
  Make(kAll);
  runner_->Start();
  Advance(1s);
  ASSERT_EQ(script_.asked.size(), 1u);
  for (const auto most : {1s, 2s, 4s, 8s, 8s, 8s}) {
    const size_t before = script_.asked.size();
    Fail("unreachable");
    Advance(most + 20ms);
    EXPECT_EQ(script_.asked.size(), before + 1) << most.count();
  }
  Fail("unreachable");
  Advance(1min);
  EXPECT_EQ(script_.asked.size(), 7u) << "and then waits for its interval";
}

TEST_F(ConnectorRunnerTest, LeavesInPeaceWhoAsksForPeace) {
  options_.interval = 1s;
  Make(kOne);
  Follow({"a", "b"});
  runner_->Start();
  Advance(1500ms);
  ASSERT_FALSE(script_.open.empty());
  Fail("rate_limited", 20s);
  while (!script_.open.empty()) AnswerOne();
  const size_t before = script_.asked.size();
  Ask("b", 5s);
  EXPECT_EQ(Outcome("b"), List{"failed rate_limited"}) << "it could not be in time";
  Ask("a", 30s);
  Advance(19s);
  EXPECT_EQ(script_.asked.size(), before);
  Advance(2s);
  EXPECT_GT(script_.asked.size(), before);
  EXPECT_EQ(script_.asked[before], "a");
  EXPECT_EQ(runner_->counters().breaker, outbound::CircuitBreaker::State::kClosed);
}

TEST_F(ConnectorRunnerTest, OpensItsBreakerAndTriesWithOneRequest) {
  options_.interval = 1s;
  options_.retries = 0;
  options_.breaker_failures = 3;
  options_.breaker_open = 20s;
  options_.concurrency = 10;
  Make(kOne);
  Follow({"a", "b", "c", "d"});
  runner_->Start();
  AdvanceAnswering(5s, [&] { Fail("unreachable"); });
  EXPECT_EQ(script_.asked.size(), 3u);
  EXPECT_EQ(intake_.states, List{"down"});
  EXPECT_EQ(runner_->counters().breaker, outbound::CircuitBreaker::State::kOpen);
  Ask("a");
  EXPECT_EQ(Outcome("a"), List{"failed provider_unavailable"});

  Advance(20s);
  EXPECT_EQ(script_.open.size(), 1u) << "one tries for all";
  Fail("unreachable");
  Advance(1s);
  EXPECT_TRUE(script_.open.empty());
  Advance(20s);
  ASSERT_EQ(script_.open.size(), 1u);
  AnswerOne();
  EXPECT_EQ(intake_.states, (List{"down", "up"}));
  Advance(3s);
  EXPECT_GT(script_.open.size(), 1u);
  EXPECT_EQ(runner_->counters().opened, 2u);
}

TEST_F(ConnectorRunnerTest, AnswersAboutOneTrackerSayNothingAgainstTheSource) {
  options_.breaker_failures = 2;
  Make(kOne);
  Follow({"a"});
  for (const char* code : {"not_found", "no_fix", "unsupported", "not_found"}) {
    Ask("a");
    Fail(code);
  }
  EXPECT_EQ(Outcome("a"), (List{"failed unknown_tracker", "failed no_fix", "failed unsupported",
                                "failed unknown_tracker"}));
  EXPECT_EQ(runner_->counters().breaker, outbound::CircuitBreaker::State::kClosed);
  EXPECT_EQ(intake_.states, List{"up"});
}

TEST_F(ConnectorRunnerTest, HearsTheLineAndAsksForWhatItMissed) {
  options_.interval = 10s;
  Make(kListens);
  Follow({"a"});
  runner_->Start();
  ASSERT_EQ(script_.lines.size(), 1u);
  script_.lines[0].on_line(true, "");
  ASSERT_EQ(script_.asked, List{"*"});
  AnswerWith({"a"});
  Fetched fetched;
  fetched.reports.push_back(Report("a"));
  script_.lines[0].on_reports(fetched);
  EXPECT_EQ(intake_.taken.size(), 2u);
  Advance(60s);
  EXPECT_EQ(script_.asked.size(), 1u) << "the line brings what is new";

  script_.lines[0].on_line(false, "closed");
  AdvanceAnswering(2s, [&] { AnswerWith({"a"}); });
  ASSERT_EQ(script_.lines.size(), 2u);
  const size_t before = script_.asked.size();
  AdvanceAnswering(30s, [&] { AnswerWith({"a"}); });
  EXPECT_GE(script_.asked.size(), before + 2) << "by schedule while there is no line";
  script_.lines[1].on_line(true, "");
  EXPECT_EQ(script_.open.size(), 1u);
}

TEST_F(ConnectorRunnerTest, OpensALineMoreAndMoreSeldom) {
  options_.interval = 1h;
  Make({.listens = true});
  runner_->Start();
  size_t next = 0;
  const auto fail_for = [&](std::chrono::seconds time) {
    const size_t before = script_.lines.size();
    for (auto passed = 0s; passed < time; ++passed) {
      Advance(1s);
      while (next < script_.lines.size()) script_.lines[next++].on_line(false, "refused");
    }
    return script_.lines.size() - before;
  };
  fail_for(300s);
  EXPECT_LE(fail_for(600s), 21u);
  EXPECT_GE(fail_for(600s), 9u);
  EXPECT_EQ(intake_.states, List{"down"}) << "nothing else tells how it does";
  script_.lines.back().on_line(true, "");
  EXPECT_EQ(intake_.states, (List{"down", "up"}));
}

TEST_F(ConnectorRunnerTest, RefusesTrackersThatNobodyKnows) {
  Make(kAll);
  Follow({"a"});
  runner_->Start();
  Advance(1s);
  AnswerWith({"a", "stranger"});
  EXPECT_EQ(intake_.taken.size(), 1u);
  EXPECT_TRUE(intake_.registered.empty());
  EXPECT_EQ(runner_->counters().unknown, 1u);
}

TEST_F(ConnectorRunnerTest, MakesTrackersThatNobodyKnowsWhenToldTo) {
  options_.register_unknown = true;
  options_.client = tracking::Id(int64_t{4});
  options_.is_public = true;
  options_.category = "bus";
  options_.max_trackers = 2;
  Make(kAll);
  Follow({"a"});
  runner_->Start();
  Advance(1s);
  AnswerWith({"a", "stranger", "stranger", "one too many"});
  ASSERT_EQ(intake_.registered.size(), 1u);
  const tracking::Tracker& made = intake_.registered[0];
  EXPECT_EQ(made.id, tracking::Id("test:office:stranger"));
  EXPECT_EQ(made.name, "stranger");
  EXPECT_EQ(made.category, "bus");
  EXPECT_EQ(made.client_id, tracking::Id(int64_t{4}));
  EXPECT_TRUE(made.is_public);
  EXPECT_EQ(intake_.taken.size(), 3u) << "what it said before it was known counts";
  EXPECT_EQ(runner_->counters().unknown, 1u);
  EXPECT_EQ(runner_->counters().registered, 1u);
}

TEST_F(ConnectorRunnerTest, MakesIdsAndNamesThatTellNothing) {
  options_.register_unknown = options_.opaque_ids = true;
  const std::string imei = "490154203237518";
  Make(kAll);
  Follow({"a"});
  runner_->Start();
  Advance(1s);
  AnswerWith({"a", imei, imei, std::string(200, 'x')});
  ASSERT_EQ(intake_.registered.size(), 2u) << "a long one has an id as short as others";
  const tracking::Tracker made = intake_.registered[0];
  EXPECT_EQ(made.id.ToText().size(), std::string("test:office:").size() + 16);
  EXPECT_EQ(made.id.ToText().find("4901542"), std::string::npos);
  EXPECT_EQ(made.name, made.id.ToText());
  EXPECT_EQ(made.external_id, imei);
  EXPECT_EQ(intake_.taken.size(), 4u) << "what it said before it was known counts";
  EXPECT_EQ(intake_.changes, 1) << "the key is read once";

  // Another process, which has the same store: it makes the same tracker.
  runner_.reset();
  Make(kAll);
  runner_->Start();
  Advance(1s);
  AnswerWith({imei});
  EXPECT_EQ(intake_.registered.back().id, made.id);
  EXPECT_EQ(intake_.changes, 2);
}

TEST_F(ConnectorRunnerTest, WaitsForTheKeyOfIdsThatTellNothing) {
  options_.register_unknown = options_.opaque_ids = true;
  options_.interval = 1s;
  Make(kAll);
  intake_.refuses = true;
  runner_->Start();
  Advance(1s);
  AnswerWith({"new"});
  EXPECT_TRUE(intake_.registered.empty()) << "no id is better than one that tells";
  EXPECT_EQ(runner_->counters().unknown, 1u);
  intake_.refuses = false;
  Advance(2s);
  AnswerWith({"new"});
  EXPECT_EQ(intake_.registered.size(), 1u);
  EXPECT_EQ(intake_.taken.size(), 1u);
}

TEST_F(ConnectorRunnerTest, MakesNoTrackersThatAdminsCouldNotMake) {
  options_.register_unknown = true;
  options_.category = "bus";
  Make(kAll);
  runner_->Start();
  Advance(1s);
  Fetched fetched;
  for (const std::string& external : {std::string("a\0b", 3), std::string("good")}) {
    formats::Report report = Report(external);
    report.name = std::string("7\0", 2);
    report.category = std::string(65, 'x');
    fetched.reports.push_back(std::move(report));
  }
  Answer(std::move(fetched));
  ASSERT_EQ(intake_.registered.size(), 1u) << "the other cannot be named";
  EXPECT_EQ(intake_.registered[0].external_id, "good");
  EXPECT_EQ(intake_.registered[0].name, "good") << "what it calls itself cannot be shown";
  EXPECT_EQ(intake_.registered[0].category, "bus");
  EXPECT_EQ(runner_->counters().unknown, 1u);
}

TEST_F(ConnectorRunnerTest, LeavesToTheNameThatWasSetByHand) {
  options_.register_unknown = true;
  options_.interval = 1s;
  Make(kAll);
  auto renamed = Tracker("new");
  renamed.id = tracking::Id("test:office:old");
  runner_->Follow({renamed});
  runner_->Start();
  for (int round = 0; round < 2; ++round) {
    Advance(2s);
    AnswerWith({"old", "new"});
  }
  EXPECT_TRUE(intake_.registered.empty());
  EXPECT_EQ(intake_.taken.size(), 2u) << "those of the new name, each time";
  EXPECT_EQ(runner_->counters().unknown, 2u);
}

TEST_F(ConnectorRunnerTest, LeavesToTheNameThatTheStoreHasForOneThatIsRegistered) {
  options_.register_unknown = true;
  Make(kAll);
  runner_->Start();
  Advance(1s);
  ASSERT_FALSE(script_.open.empty());
  auto call = std::move(script_.open.front());
  script_.open.pop_front();
  Fetched fetched;
  fetched.reports.push_back(Report("old"));
  call.done(std::move(fetched));
  ASSERT_EQ(intake_.registered.size(), 1u);
  // It was there already; who registers it hears so before the registration is answered.
  auto renamed = Tracker("new");
  renamed.id = intake_.registered[0].id;
  runner_->Follow({renamed});
  RunPosted();
  EXPECT_TRUE(intake_.taken.empty());
  Advance(40s);
  AnswerWith({"new"});
  EXPECT_EQ(intake_.taken.size(), 1u);
}

TEST_F(ConnectorRunnerTest, HandsALargeFeedOverInItsOrder) {
  Make(kAll);
  const List names = Numbered(2'500);
  Follow(names);
  runner_->Start();
  Advance(1s);
  AnswerWith(names);
  ASSERT_EQ(intake_.taken.size(), names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    ASSERT_EQ(intake_.taken[i].tracker_id, tracking::Id("t-" + names[i]));
  }
}

TEST_F(ConnectorRunnerTest, DoesNothingOnceItHasGone) {
  Make(kAll);
  runner_->Start();
  Advance(1s);
  ASSERT_FALSE(script_.open.empty());
  auto call = std::move(script_.open.front());
  script_.open.pop_front();
  call.done(Fetched{});
  ASSERT_FALSE(posted_.empty());
  runner_.reset();
  RunPosted();
  EXPECT_FALSE(wheel_.next_event());
}

TEST_F(ConnectorRunnerTest, SaysWhoCannotBeAsked) {
  Make({.listens = true});
  Follow({"a"});
  Ask("a");
  EXPECT_EQ(Outcome("a"), List{"failed unsupported"});
  Make(kBoth);
  Ask("stranger");
  EXPECT_EQ(Outcome("stranger"), List{"failed unknown_tracker"});
}

TEST_F(ConnectorRunnerTest, CancelsWhatPeopleWaitForWhenItStops) {
  Make(kOne);
  Follow({"a", "b"});
  options_.concurrency = 1;
  Ask("a");
  Ask("b");
  runner_->Stop();
  EXPECT_EQ(Outcome("a"), List{"failed cancelled"});
  EXPECT_EQ(Outcome("b"), List{"failed cancelled"});
  EXPECT_TRUE(script_.gone);
  Ask("a");
  EXPECT_EQ(Outcome("a").back(), "failed cancelled");
  Advance(60s);
  EXPECT_EQ(Outcome("a").size(), 2u);
}

}  // namespace
}  // namespace trackwire::fetcher
