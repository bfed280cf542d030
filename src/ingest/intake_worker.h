#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "ingest/position_intake.h"
#include "ingest/tracker_table.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::ingest {

/// What the intake does on its thread. Everything but Enqueue() belongs to `loop`'s thread, or to
/// the caller before the loop has started.
class IntakeWorker : public std::enable_shared_from_this<IntakeWorker> {
 public:
  struct Job {
    std::vector<PositionIntake::FixReport> fixes;
    std::function<void()> done;
  };

  IntakeWorker(std::unique_ptr<store::Store> store, broker::NotificationSink& sink,
               const Clock& clock, IntakeLimits limits, OnRegistered on_registered,
               IntakeScope scope);

  Result<void> Load();
  /// On the loop, once.
  void Begin();
  /// Stores what has been taken, hands over to the log what it takes at once, and stops.
  void End();

  /// Any thread. False when too much waits.
  bool Enqueue(Job job);
  void Drain();
  Result<void> Register(std::vector<tracking::Client> clients,
                        std::vector<tracking::Tracker> trackers);
  Result<tracking::Tracker> Edit(const tracking::Id& id, const tracking::TrackerEdit& edit);
  Result<StoreChange> Change(const StoreJob& job);
  void ReloadSoon();
  void SetProvider(const std::string& provider, bool reachable);
  IntakeCounters counters() const;

  net::Loop& loop() { return loop_; }

 private:
  /// A derived batch until its notifications are in the log.
  struct Step {
    Derived derived;
    std::vector<std::function<void()>> dones;
    Steady::time_point taken_at{};
    uint64_t outbox_seq = 0;  ///< its newest number in the store's outbox
  };

  /// Derives and stores one batch of what waits.
  void TakeStep();
  std::vector<Job> TakeJobs();
  Result<FixOutcome> TakeFix(const PositionIntake::FixReport& report, WallTime now,
                             Derived& derived);
  void CountRefused(const tracking::Id& id, const Error& error);
  void Reload();
  /// `states` as they are in the store, as far as they are this one's.
  std::vector<tracking::TrackerState> Adopt(std::vector<tracking::Tracker> trackers);
  Step NewStep() const;
  void Submit(Step step);
  void WriteSteps();
  bool WriteFirst();
  void AppendSteps();
  void OnAppended(const Result<std::vector<broker::Appended>>& result, size_t count);
  void FinishAppended(size_t count);
  void OnTick();
  void ClearOutbox();
  void Prune(WallTime now);
  bool congested() const;

  const IntakeLimits limits_;
  std::unique_ptr<store::Store> store_;
  broker::NotificationSink& sink_;
  const Clock& clock_;
  OnRegistered on_registered_;
  const IntakeScope scope_;
  TrackerTable table_;
  IntakeCounters counters_;

  std::deque<Step> unwritten_;       ///< derived, not yet stored
  std::deque<Step> unlogged_;        ///< stored, not yet in the log
  bool appending_ = false;           ///< one at a time, so that a failed one is not overtaken
  bool ended_ = false;
  bool reloaded_in_step_ = false;
  std::chrono::milliseconds reload_took_{0};  ///< the last time
  uint64_t logged_outbox_ = 0;       ///< up to this one it is in the log
  uint64_t cleared_outbox_ = 0;
  Steady::time_point refusals_told_at_{};
  uint64_t refusals_untold_ = 0;
  Steady::time_point pruned_at_{};
  size_t stored_since_prune_ = 0;

  // What other threads leave for the intake: taken as one batch, however many callers there are.
  struct {
    mutable std::mutex mutex;
    std::deque<Job> jobs;
    size_t fixes = 0;
    uint64_t overflow = 0;
    bool drain_posted = false;
  } inbox_;

  net::Loop loop_{"intake"};
  net::Timer tick_;
  net::Timer retry_;
  net::Timer reload_;
};

}  // namespace trackwire::ingest
