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
/// Whoever changes one tracker often changes the next.
constexpr auto kReloadAfter = 50ms;
/// Rests so many times what a reading took: with many trackers it must not be what the thread does.
constexpr int kReloadRest = 4;
constexpr auto kTellRefusalsEvery = 10s;
constexpr auto kPruneEvery = 1s;
constexpr size_t kPruneAtLeast = 500;
constexpr size_t kMaxSteps = 8;

}  // namespace

IntakeWorker::IntakeWorker(std::unique_ptr<store::Store> store, broker::NotificationSink& sink,
                           const Clock& clock, IntakeLimits limits, OnRegistered on_registered,
                           IntakeScope scope)
    : limits_(limits),
      store_(std::move(store)),
      sink_(sink),
      clock_(clock),
      on_registered_(std::move(on_registered)),
      scope_(std::move(scope)),
      table_(limits.status, scope_.provider),
      tick_([](void* self) { static_cast<IntakeWorker*>(self)->OnTick(); }, this),
      retry_(
          [](void* self) {
            static_cast<IntakeWorker*>(self)->WriteSteps();
            static_cast<IntakeWorker*>(self)->AppendSteps();
          },
          this),
      reload_([](void* self) { static_cast<IntakeWorker*>(self)->Reload(); }, this) {}

Result<void> IntakeWorker::Load() {
  auto clients = store_->Clients();
  if (!clients) return Err(std::move(clients.error()));
  auto states = store_->TrackerStates();
  if (!states) return Err(std::move(states.error()));
  auto outbox = store_->Outbox(scope_.producer);
  if (!outbox) return Err(std::move(outbox.error()));
  const WallTime now = clock_.WallNow();
  Step none;  // of no provider anything is known yet, so nothing changes
  table_.Register(*states, now, none.derived);
  if (on_registered_) on_registered_(*clients, *states);
  if (outbox->empty()) return Ok();
  Step step = NewStep();
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
  reload_.Cancel();
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
  Step step = NewStep();
  reloaded_in_step_ = false;
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

Result<FixOutcome> IntakeWorker::TakeFix(const FixReport& report, WallTime now,
                                         Derived& derived) {
  const auto take = [&] { return table_.Take(report, now, limits_.max_future_skew, derived); };
  auto taken = take();
  // Made a moment ago by another process, which let it push at once.
  const bool may_be_new = !taken && taken.error().code == "unknown_tracker" &&
                          (report.pushed || report.told) && scope_.provider.has_value();
  if (may_be_new && !std::exchange(reloaded_in_step_, true)) {
    Reload();
    taken = take();
  }
  if (!taken) {
    CountRefused(report.tracker_id, taken.error());
    return Err(std::move(taken.error()));
  }
  switch (*taken) {
    case FixOutcome::kAccepted: ++counters_.accepted; break;
    case FixOutcome::kLate: ++counters_.late; break;
    // Of what others notify, our own positions are the greater part.
    case FixOutcome::kDuplicate: counters_.duplicate += report.told ? 0 : 1; break;
    case FixOutcome::kContact: ++counters_.contacts; break;
    case FixOutcome::kLastWill: ++counters_.last_wills; break;
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

IntakeWorker::Step IntakeWorker::NewStep() const {
  Step step;
  step.taken_at = clock_.Now();
  step.derived.batch.producer = scope_.producer;
  return step;
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
  derived.batch.contacts.clear();
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
  const auto states = Adopt(std::move(trackers));
  if (on_registered_) on_registered_(clients, states);
  return Ok();
}

std::vector<tracking::TrackerState> IntakeWorker::Adopt(std::vector<tracking::Tracker> trackers) {
  auto states = table_.StatesOf(trackers);
  Step step = NewStep();
  table_.Register(states, clock_.WallNow(), step.derived);
  if (!step.derived.batch.empty()) Submit(std::move(step));
  return states;
}

Result<tracking::Tracker> IntakeWorker::Edit(const tracking::Id& id,
                                             const tracking::TrackerEdit& edit) {
  auto tracker = store_->EditTracker(id, edit);
  if (!tracker) return tracker;
  const auto states = Adopt({*tracker});
  if (on_registered_) on_registered_({}, states);
  return tracker;
}

Result<StoreChange> IntakeWorker::Change(const StoreJob& job) {
  auto change = job(*store_);
  if (!change) return change;
  for (const tracking::Id& id : change->removed_trackers) table_.Remove(id);
  const auto states = Adopt(change->trackers);
  if (on_registered_ && !(states.empty() && change->clients.empty())) {
    on_registered_(change->clients, states);
  }
  if (scope_.on_removed) scope_.on_removed(*change);
  return change;
}

void IntakeWorker::ReloadSoon() {
  if (ended_ || reload_.armed()) return;
  const std::chrono::milliseconds rest = kReloadRest * reload_took_;
  reload_.Start(loop_.timers(), std::max<std::chrono::milliseconds>(kReloadAfter, rest));
}

void IntakeWorker::Reload() {
  const Steady::time_point begun = Steady::now();
  auto clients = store_->Clients();
  auto states = clients ? store_->TrackerStates() : Err(clients.error());
  if (!states) {
    if (counters_.retries++ % 40 == 0) {
      base::LogError("ingest", "trackers cannot be read again, trying later",
                     {{"code", states.error().code}, {"detail", states.error().detail}});
    }
    return reload_.Start(loop_.timers(), kRetryAfter);
  }
  Step step = NewStep();
  table_.Replace(*states, clock_.WallNow(), step.derived);
  if (!step.derived.batch.empty()) Submit(std::move(step));
  if (scope_.on_reloaded) scope_.on_reloaded(*clients, *states);
  reload_took_ = std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - begun);
}

void IntakeWorker::SetProvider(const std::string& provider, bool reachable) {
  Step step = NewStep();
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
  Step step = NewStep();
  table_.Tick(now, step.derived);
  if (!step.derived.batch.empty()) Submit(std::move(step));
  ClearOutbox();
  Prune(now);
}

void IntakeWorker::ClearOutbox() {
  if (logged_outbox_ <= cleared_outbox_ || !unwritten_.empty()) return;
  store::WriteBatch batch;
  batch.producer = scope_.producer;
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
