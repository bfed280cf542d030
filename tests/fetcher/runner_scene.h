#pragma once

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fetcher/connector_runner.h"

namespace trackwire::fetcher {

/// A source of a test: remembers what it is asked and answers when told.
class ScriptedConnector final : public Connector {
 public:
  struct Call {
    std::string external_id;  ///< empty: all
    std::chrono::milliseconds timeout{0};
    Done done;
  };
  struct Script {
    Abilities abilities;
    std::deque<Call> open;           ///< asked and not answered
    std::vector<std::string> asked;  ///< in order; `*` for all
    std::vector<std::chrono::milliseconds> timeouts;
    size_t most_open = 0;
    std::vector<Listener> lines;
    bool gone = false;
  };

  explicit ScriptedConnector(Script& script) : script_(script) {}
  ~ScriptedConnector() override {
    script_.open.clear();
    script_.gone = true;
  }
  Abilities abilities() const override { return script_.abilities; }
  void FetchAll(std::chrono::milliseconds timeout, Done done) override {
    Note("", timeout, std::move(done));
  }
  void FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                Done done) override {
    Note(external_id, timeout, std::move(done));
  }
  void Listen(Listener listener) override { script_.lines.push_back(std::move(listener)); }

 private:
  void Note(const std::string& external_id, std::chrono::milliseconds timeout, Done done) {
    script_.asked.push_back(external_id.empty() ? "*" : external_id);
    script_.timeouts.push_back(timeout);
    script_.open.push_back({external_id, timeout, std::move(done)});
    script_.most_open = std::max(script_.most_open, script_.open.size());
  }

  Script& script_;
};

/// An intake of a test: takes everything at once, and knows what is news.
class NotingIntake final : public ingest::PositionIntake {
 public:
  void Register(std::vector<tracking::Client>, std::vector<tracking::Tracker> trackers,
                std::function<void(Result<void>)> done) override {
    registered.insert(registered.end(), trackers.begin(), trackers.end());
    if (refuses) return done(Err("unavailable", "told to refuse"));
    done(Ok());
  }
  void Edit(tracking::Id, tracking::TrackerEdit,
            std::function<void(Result<tracking::Tracker>)>) override {}
  void Change(ingest::StoreJob job, ingest::StoreThen then) override {
    ++changes;
    if (refuses) return then(Err("unavailable", "told to refuse"));
    then(job(*store_));
  }
  void Reload() override {}
  bool Offer(std::vector<FixReport> fixes, std::function<void()> done) override {
    Take(std::move(fixes), std::move(done));
    return true;
  }
  void Take(std::vector<FixReport> fixes, std::function<void()> done) override {
    for (FixReport& fix : fixes) {
      WallTime& latest = latest_[fix.tracker_id];
      const auto outcome = fix.fix.fix_time > latest    ? ingest::FixOutcome::kAccepted
                           : fix.fix.fix_time == latest ? ingest::FixOutcome::kDuplicate
                                                        : ingest::FixOutcome::kLate;
      latest = std::max(latest, fix.fix.fix_time);
      if (fix.answer) fix.answer->done(outcome);
      taken.push_back(std::move(fix));
    }
    if (done) done();
  }
  void ProviderState(const std::string&, bool reachable) override {
    states.push_back(reachable ? "up" : "down");
  }
  void Counters(std::function<void(ingest::IntakeCounters)>) override {}

  std::vector<FixReport> taken;
  std::vector<tracking::Tracker> registered;
  std::vector<std::string> states;
  bool refuses = false;
  int changes = 0;

 private:
  std::unique_ptr<store::Store> store_ = std::move(*store::OpenStore("sqlite::memory:"));
  std::map<tracking::Id, WallTime> latest_;
};

/// A runner with a clock that moves when told. Every second of it is stepped through.
class RunnerScene : public ::testing::Test {
 protected:
  using Millis = std::chrono::milliseconds;
  using List = std::vector<std::string>;

  RunnerScene() { options_.opaque_ids = false; }
  void Make(Connector::Abilities abilities) {
    script_.abilities = abilities;
    options_.provider = "test:office";
    options_.seed = 7;
    runner_ = std::make_unique<ConnectorRunner>(
        ConnectorRunner::Context{wheel_, clock_, intake_,
                                 [this](net::Loop::Task task) {
                                   posted_.push_back(std::move(task));
                                 }},
        options_, std::make_unique<ScriptedConnector>(script_));
  }
  tracking::Tracker Tracker(const std::string& external, Millis interval = Millis(0)) const {
    tracking::Tracker tracker;
    tracker.id = tracking::Id("t-" + external);
    tracker.provider = options_.provider;
    tracker.external_id = external;
    tracker.expected_interval = std::chrono::duration_cast<std::chrono::seconds>(interval);
    return tracker;
  }
  void Follow(const List& externals) {
    std::vector<tracking::Tracker> trackers;
    for (const std::string& external : externals) trackers.push_back(Tracker(external));
    runner_->Follow(trackers);
  }
  void RunPosted() {
    while (!posted_.empty()) {
      const auto task = std::move(posted_.front());
      posted_.pop_front();
      task();
    }
  }
  void Advance(Millis by) {
    for (Millis passed{0}; passed < by; passed += Millis(10)) {
      clock_.Advance(Millis(10));
      wheel_.Advance(clock_.Now());
      RunPosted();
    }
  }
  /// The same, and whatever is asked meanwhile is answered at once.
  void AdvanceAnswering(Millis by, const std::function<void()>& answer) {
    for (Millis passed{0}; passed < by; passed += Millis(10)) {
      Advance(Millis(10));
      while (!script_.open.empty()) answer();
    }
  }
  formats::Report Report(const std::string& external) const {
    formats::Report report;
    report.external_id = external;
    report.fix.place = {52, 13};
    report.fix.fix_time = clock_.WallNow();
    return report;
  }
  void Answer(Result<Fetched, FetchError> answer) {
    ASSERT_FALSE(script_.open.empty());
    auto call = std::move(script_.open.front());
    script_.open.pop_front();
    call.done(std::move(answer));
    RunPosted();
  }
  void AnswerWith(const List& externals) {
    Fetched fetched;
    for (const std::string& external : externals) fetched.reports.push_back(Report(external));
    Answer(std::move(fetched));
  }
  /// With a fix of the one that was asked for.
  void AnswerOne() { AnswerWith({script_.open.front().external_id}); }
  void Fail(const std::string& code, std::optional<Millis> retry_after = std::nullopt) {
    Answer(Err(FetchError{code, "told to fail", retry_after}));
  }
  /// What comes of it stands in `outcomes_[external]`.
  void Ask(const std::string& external, Millis deadline = std::chrono::seconds(30)) {
    ingest::UpdateRequest request;
    request.request_id = "r-" + external;
    request.tracker_id = tracking::Id("t-" + external);
    request.requested_at = clock_.WallNow();
    request.deadline = clock_.WallNow() + deadline;
    runner_->Ask(request, [this, external](const ingest::UpdateOutcome& outcome) {
      const std::string reason = outcome.reason.empty() ? "" : " " + outcome.reason;
      outcomes_[external].push_back(ingest::ToString(outcome.status) + reason);
      provider_time_ = outcome.provider_time;
    });
    RunPosted();
  }
  List Outcome(const std::string& external) { return outcomes_[external]; }

  ManualClock clock_;
  net::TimerWheel wheel_{clock_};
  NotingIntake intake_;
  ScriptedConnector::Script script_;
  RunnerOptions options_;
  std::deque<net::Loop::Task> posted_;
  std::map<std::string, List> outcomes_;
  Millis provider_time_{0};
  std::unique_ptr<ConnectorRunner> runner_;
};

}  // namespace trackwire::fetcher
