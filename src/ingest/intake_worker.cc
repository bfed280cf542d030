#include "ingest/intake_worker.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "net/timer_wheel.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;

constexpr auto kRetryAfter = 250ms;
constexpr auto kTellRefusalsEvery = 10s;
constexpr auto kPruneEvery = 1s;
constexpr size_t kPruneAtLeast = 500;
constexpr size_t kMaxSteps = 8;

}  // namespace

IntakeWorker::IntakeWorker(std::unique_ptr<store::Store> store, broker::NotificationSink& sink,
                           const Clock& clock, IntakeLimits limits, OnRegistered on_registered)
    : limits_(limits),
      store_(std::move(store)),
      sink_(sink),
      clock_(clock),
      on_registered_(std::move(on_registered)),
      table_(limits.status),
      tick_([](void* self) { static_cast<IntakeWorker*>(self)->OnTick(); }, this),
      retry_(
          [](void* self) {
            static_cast<IntakeWorker*>(self)->WriteSteps();
            static_cast<IntakeWorker*>(self)->AppendSteps();
          },
          this) {}

Result<void> IntakeWorker::Load() {
  auto clients = store_->Clients();
  if (!clients) return Err(std::move(clients.error()));
  auto states = store_->TrackerStates();
  if (!states) return Err(std::move(states.error()));
  auto outbox = store_->Outbox(std::string());
  if (!outbox) return Err(std::move(outbox.error()));
  const WallTime now = clock_.WallNow();
  table_.Register(*states, now);
  if (on_registered_) on_registered_(*clients, *states);
  if (outbox->empty()) return Ok();
  Step step;
  step.outbox_seq = outbox->back().seq;
  const WallTime oldest = now - limits_.outbox_lifetime;
  for (store::OutboxEntry& entry : *outbox) {
    if (entry.created_at > oldest) step.derived.batch.outbox.push_back(entry);
  }
  base::LogInfo("ingest", "notifications stored before the last stop go to the log",
                {{"count", step.derived.batch.outbox.size()}, {"of", outbox->size()}});
  unlogged_.push_back(std::move(step));
  return Ok();
}

void IntakeWorker::Begin() {
  tick_.Start(loop_.timers(), limits_.tick);
  AppendSteps();
}

void IntakeWorker::End() {
  tick_.Cancel();
  retry_.Cancel();
  for (;;) {
    {
      const std::lock_guard lock(inbox_.mutex);
      if (inbox_.jobs.empty()) break;
    }
    if (!unwritten_.empty()) break;  // the store fails: more would not help
    // Also when the log is behind and Drain() would wait for it: it may never come back.
    TakeStep();
  }
  // What the log does not take any more is in the outbox for the next start.
  AppendSteps();
  ended_ = true;
}

bool IntakeWorker::Enqueue(Job job) {
  const std::lock_guard lock(inbox_.mutex);
  if (inbox_.fixes + job.fixes.size() > limits_.max_waiting_fixes) {
    inbox_.overflow += job.fixes.size();
    return false;
  }
  inbox_.fixes += job.fixes.size();
  inbox_.jobs.push_back(std::move(job));
  if (inbox_.drain_posted) return true;
  inbox_.drain_posted = true;
  loop_.Post([self = shared_from_this()] { self->Drain(); });
  return true;
}

bool IntakeWorker::congested() const {
  return !unwritten_.empty() || unlogged_.size() >= kMaxSteps;
}

std::vector<IntakeWorker::Job> IntakeWorker::TakeJobs() {
  const std::lock_guard lock(inbox_.mutex);
  inbox_.drain_posted = false;
  std::vector<Job> jobs;
  size_t fixes = 0;
  while (!inbox_.jobs.empty() && (jobs.empty() || fixes < limits_.max_batch_fixes)) {
    fixes += inbox_.jobs.front().fixes.size();
    jobs.push_back(std::move(inbox_.jobs.front()));
    inbox_.jobs.pop_front();
  }
  inbox_.fixes -= fixes;
  if (!inbox_.jobs.empty()) {
    inbox_.drain_posted = true;
    loop_.Post([self = shared_from_this()] { self->Drain(); });
  }
  return jobs;
}

void IntakeWorker::Drain() {
  if (ended_) return;
  if (congested()) {
    // Resumed by FinishAppended(): what waits here holds back those who feed it.
    const std::lock_guard lock(inbox_.mutex);
    inbox_.drain_posted = false;
    return;
  }
  TakeStep();
}

void IntakeWorker::TakeStep() {
  Step step;
  step.taken_at = clock_.Now();
  const WallTime now = clock_.WallNow();
  for (Job& job : TakeJobs()) {
    for (const PositionIntake::FixReport& report : job.fixes) {
      auto outcome = TakeFix(report, now, step.derived);
      if (!report.answer) continue;
      step.dones.push_back([answer = report.answer, outcome = std::move(outcome)] {
        answer->done(outcome);
      });
    }
    if (job.done) step.dones.push_back(std::move(job.done));
  }
  Submit(std::move(step));
}

Result<FixOutcome> IntakeWorker::TakeFix(const PositionIntake::FixReport& report, WallTime now,
                                         Derived& derived) {
  auto taken = table_.Take(report.tracker_id, report.fix, now, limits_.max_future_skew, derived,
                           report.answer ? report.answer->request_id : std::string());
  if (!taken) {
    CountRefused(report.tracker_id, taken.error());
    return Err(std::move(taken.error()));
  }
  switch (*taken) {
    case FixOutcome::kAccepted: ++counters_.accepted; break;
    case FixOutcome::kLate: ++counters_.late; break;
    case FixOutcome::kDuplicate: ++counters_.duplicate; break;
  }
  return *taken;
}

void IntakeWorker::CountRefused(const tracking::Id& id, const Error& error) {
  ++counters_.refused;
  ++refusals_untold_;
  const Steady::time_point now = clock_.Now();
  if (refusals_told_at_ != Steady::time_point{} && now - refusals_told_at_ < kTellRefusalsEvery) {
    return;
  }
  base::LogWarn("ingest", "fix refused",
                {{"tracker", id.ToText()}, {"code", error.code}, {"detail", error.detail},
                 {"since_last_line", refusals_untold_}});
  refusals_told_at_ = now;
  refusals_untold_ = 0;
}

void IntakeWorker::Submit(Step step) {
  unwritten_.push_back(std::move(step));
  WriteSteps();
}

void IntakeWorker::WriteSteps() {
  while (!unwritten_.empty()) {
    if (!WriteFirst()) {
      if (!ended_) retry_.Start(loop_.timers(), kRetryAfter);
      return;
    }
    unlogged_.push_back(std::move(unwritten_.front()));
    unwritten_.pop_front();
  }
  AppendSteps();
}

bool IntakeWorker::WriteFirst() {
  Derived& derived = unwritten_.front().derived;
  derived.batch.clear_outbox_through = logged_outbox_ > cleared_outbox_ ? logged_outbox_ : 0;
  auto outcome = store_->Write(derived.batch);
  if (!outcome) {
    if (counters_.retries++ % 40 == 0) {
      base::LogError("ingest", "positions cannot be stored, trying again",
                     {{"code", outcome.error().code}, {"detail", outcome.error().detail}});
    }
    return false;
  }
  if (derived.batch.clear_outbox_through > 0) {
    cleared_outbox_ = derived.batch.clear_outbox_through;
  }
  unwritten_.front().outbox_seq = outcome->outbox_seq;
  counters_.status_changes += derived.status_changes;
  stored_since_prune_ += outcome->stored;
  // Only late positions can have been there already: the latest are known here.
  const uint64_t known = std::min<uint64_t>(outcome->duplicates, derived.late);
  counters_.late -= known;
  counters_.duplicate += known;
  derived.batch.positions.clear();
  derived.batch.statuses.clear();
  return true;
}

void IntakeWorker::AppendSteps() {
  if (appending_ || unlogged_.empty() || ended_) return;
  std::vector<broker::AppendRequest> requests;
  size_t count = 0;
  for (const Step& step : unlogged_) {
    const auto& outbox = step.derived.batch.outbox;
    if (count > 0 && requests.size() + outbox.size() > limits_.max_batch_fixes) break;
    for (const store::OutboxEntry& entry : outbox) {
      requests.push_back({entry.envelope, entry.key, step.taken_at});
    }
    ++count;
  }
  appending_ = true;
  if (requests.empty()) {
    // Nobody to wait for; not at once, so that a caller's `done` never runs inside its own call.
    loop_.Post([self = shared_from_this(), count] { self->FinishAppended(count); });
    return;
  }
  sink_.Append(std::move(requests), [self = shared_from_this(), count](auto result) {
    self->loop_.Post([self, count, held = std::move(result)] { self->OnAppended(held, count); });
  });
}

void IntakeWorker::OnAppended(const Result<std::vector<broker::Appended>>& result, size_t count) {
  if (result) return FinishAppended(count);
  appending_ = false;
  if (counters_.retries++ % 40 == 0) {
    base::LogError("ingest", "notifications cannot be logged, trying again",
                   {{"code", result.error().code}, {"detail", result.error().detail}});
  }
  if (!ended_) retry_.Start(loop_.timers(), kRetryAfter);
}

void IntakeWorker::FinishAppended(size_t count) {
  appending_ = false;
  std::vector<std::function<void()>> dones;
  for (size_t i = 0; i < count; ++i) {
    std::move(unlogged_.front().dones.begin(), unlogged_.front().dones.end(),
              std::back_inserter(dones));
    logged_outbox_ = unlogged_.front().outbox_seq;
    unlogged_.pop_front();
  }
  for (const auto& done : dones) done();
  AppendSteps();
  bool waiting = false;
  {
    const std::lock_guard lock(inbox_.mutex);
    waiting = !inbox_.jobs.empty() && !inbox_.drain_posted;
  }
  if (waiting && !congested()) Drain();
}

Result<void> IntakeWorker::Register(std::vector<tracking::Client> clients,
                                    std::vector<tracking::Tracker> trackers) {
  if (auto done = store_->UpsertClients(clients); !done) return done;
  if (auto done = store_->UpsertTrackers(trackers); !done) return done;
  for (tracking::Tracker& tracker : trackers) table_.KeepEdits(tracker);
  const auto states = table_.StatesOf(trackers);
  table_.Register(states, clock_.WallNow());
  if (on_registered_) on_registered_(clients, states);
  return Ok();
}

Result<tracking::Tracker> IntakeWorker::Edit(const tracking::Id& id,
                                             const tracking::TrackerEdit& edit) {
  auto tracker = store_->EditTracker(id, edit);
  if (!tracker) return tracker;
  const auto states = table_.StatesOf({*tracker});
  table_.Register(states, clock_.WallNow());
  if (on_registered_) on_registered_({}, states);
  return tracker;
}

void IntakeWorker::SetProvider(const std::string& provider, bool reachable) {
  Step step;
  step.taken_at = clock_.Now();
  table_.SetProvider(provider, reachable, clock_.WallNow(), step.derived);
  if (!step.derived.batch.empty()) Submit(std::move(step));
}

IntakeCounters IntakeWorker::counters() const {
  IntakeCounters counters = counters_;
  const std::lock_guard lock(inbox_.mutex);
  counters.overflow = inbox_.overflow;
  return counters;
}

void IntakeWorker::OnTick() {
  tick_.Start(loop_.timers(), limits_.tick);
  if (congested()) return;
  const WallTime now = clock_.WallNow();
  Step step;
  step.taken_at = clock_.Now();
  table_.Tick(now, step.derived);
  if (!step.derived.batch.empty()) Submit(std::move(step));
  ClearOutbox();
  Prune(now);
}

void IntakeWorker::ClearOutbox() {
  if (logged_outbox_ <= cleared_outbox_ || !unwritten_.empty()) return;
  store::WriteBatch batch;
  batch.clear_outbox_through = logged_outbox_;
  // A failure changes nothing: the next batch clears it.
  if (store_->Write(batch)) cleared_outbox_ = batch.clear_outbox_through;
}

void IntakeWorker::Prune(WallTime now) {
  if (limits_.retention.count() == 0 || clock_.Now() - pruned_at_ < kPruneEvery) return;
  pruned_at_ = clock_.Now();
  // Small bites, but always more than came in.
  const size_t bite = std::max(kPruneAtLeast, 2 * std::exchange(stored_since_prune_, 0));
  if (auto pruned = store_->Prune(now - limits_.retention, bite); !pruned) ++counters_.retries;
}

}  // namespace trackwire::ingest
