#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/clock.h"
#include "outbound/circuit_breaker.h"
#include "fetcher/connector.h"
#include "fetcher/report_desk.h"
#include "fetcher/runner_options.h"
#include "outbound/token_bucket.h"
#include "ingest/update_worker.h"
#include "net/loop.h"
#include "net/timer.h"
#include "net/timer_wheel.h"

namespace trackwire::fetcher {

/// Drives one connector: asks it by schedule and when somebody wants to know now, within the limits
/// of its source, and hands what it brings to the intake. docs/design/updates.md, "Schedules".
///
/// A source that can tell of all trackers at once is asked so; else each tracker is asked for by
/// itself, in its own interval, all spread over time. While a source's line stands, it is not asked
/// by schedule. What people want to know comes first. Belongs to one thread, that of the wheel.
class ConnectorRunner {
 public:
  using Done = std::function<void(ingest::UpdateOutcome)>;
  struct Context {
    net::TimerWheel& timers;
    const Clock& clock;
    ingest::PositionIntake& intake;
    /// Runs a task on the thread of the wheel; any thread.
    std::function<void(net::Loop::Task)> post;
  };

  /// What the context names outlives it.
  ConnectorRunner(Context context, RunnerOptions options, std::unique_ptr<Connector> connector);
  /// Stops.
  ~ConnectorRunner();
  ConnectorRunner(const ConnectorRunner&) = delete;
  ConnectorRunner& operator=(const ConnectorRunner&) = delete;

  /// Trackers that are new or other than before, of any provider: those of this one are asked for
  /// from here on, and those that are another's now are not any more.
  void Follow(const std::vector<tracking::Tracker>& trackers);
  void Forget(const std::vector<tracking::Id>& trackers);
  /// The same with all there are: who is not named is forgotten.
  void Replace(const std::vector<tracking::Tracker>& trackers);
  void Start();
  /// What people wait for is `cancelled`; nothing is asked any more. May be called twice.
  void Stop();

  /// Asks for one tracker now. `done` is called once, at the request's deadline at the latest;
  /// inside this call when it is clear already that it fails.
  void Ask(ingest::UpdateRequest request, Done done);
  RunnerCounters counters() const;

 private:
  struct Target;
  struct Demand;
  using TargetPtr = std::shared_ptr<Target>;
  using DemandPtr = std::shared_ptr<Demand>;
  using Demands = std::vector<DemandPtr>;

  void Schedule(Target& target, std::chrono::milliseconds after);
  void ScheduleNext(Target& target);
  void OnDue(const TargetPtr& target);
  std::chrono::milliseconds Backoff(uint32_t attempt);
  std::chrono::milliseconds UpTo(std::chrono::milliseconds most);
  std::chrono::milliseconds IntervalOf(const Target& target) const;

  void FollowOne(const tracking::Tracker& tracker);
  void Drop(const tracking::Id& tracker);

  void Pump();
  /// Whether something may be sent now; else when to look again.
  bool MaySend(Steady::time_point now);
  bool Next(TargetPtr* target, Demands* demands);
  void WaitFor(Steady::time_point when);
  void Send(const TargetPtr& target, Demands demands);
  void OnAnswer(const TargetPtr& target, const Demands& demands, Steady::time_point sent_at,
                Result<Fetched, FetchError> answer);
  void OnFetched(const TargetPtr& target, const Demands& demands, Fetched fetched);
  void OnError(const TargetPtr& target, const Demands& demands, const FetchError& error);
  void RetryTarget(Target& target, const FetchError& error);
  void RetryDemand(const DemandPtr& demand, const FetchError& error);
  void Judge(const FetchError* error);
  void SetReachable(bool reachable);
  /// Those that wait and end before `when`.
  void FailDemands(Steady::time_point when, const std::string& reason);
  void Finish(const DemandPtr& demand, ingest::UpdateStatus status, std::string reason);
  ReportDesk::Answers AnswersFor(const Demands& demands, const Fetched& fetched);

  void Listen();
  void OnLine(bool up, const std::string& reason);

  const Context context_;
  const RunnerOptions options_;
  std::unique_ptr<Connector> connector_;
  const Connector::Abilities abilities_;
  ReportDesk desk_;
  outbound::CircuitBreaker breaker_;
  outbound::TokenBucket bucket_;
  std::mt19937_64 chance_;
  RunnerCounters counters_;

  TargetPtr all_;  ///< the whole feed; none if it cannot be asked for
  std::unordered_map<std::string, TargetPtr> targets_;  ///< by tracker id as JSON
  std::deque<TargetPtr> ready_;
  std::deque<DemandPtr> demands_;           ///< that wait to be sent
  std::unordered_set<DemandPtr> unfinished_;  ///< these, those under way and those tried again
  size_t in_flight_ = 0;
  Steady::time_point hold_until_{};  ///< the source has asked for peace until then
  std::optional<bool> reachable_;    ///< as the intake was told
  bool started_ = false;
  bool stopped_ = false;
  bool pumping_ = false;
  bool line_up_ = false;
  uint32_t line_failures_ = 0;
  net::Timer pump_timer_;
  net::Timer line_timer_;
  /// Callbacks of other threads find out by it that the runner has gone.
  std::shared_ptr<ConnectorRunner*> life_;
};

}  // namespace trackwire::fetcher
