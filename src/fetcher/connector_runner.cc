#include "fetcher/connector_runner.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "fetcher/runner_parts.h"

namespace trackwire::fetcher {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFirstFeedWithin = 1s;
constexpr milliseconds kTrackerKeepsUp = 1ms;

uint64_t SeedOf(uint64_t chosen) {
  std::random_device device;
  return chosen != 0 ? chosen : (uint64_t{device()} << 32) | device();
}

}  // namespace

ConnectorRunner::Target::Target(ConnectorRunner& owner)
    : runner(owner),
      timer(
          [](void* self) {
            auto* target = static_cast<Target*>(self);
            ConnectorRunner& its = target->runner;
            if (target->all) return its.OnDue(its.all_);
            const auto found = its.targets_.find(target->key);
            if (found != its.targets_.end()) its.OnDue(found->second);
          },
          this) {}

ConnectorRunner::ConnectorRunner(Context context, RunnerOptions options,
                                 std::unique_ptr<Connector> connector)
    : context_(std::move(context)),
      options_(std::move(options)),
      connector_(std::move(connector)),
      abilities_(connector_->abilities()),
      desk_(context_.intake, options_, context_.post, counters_),
      breaker_(options_.breaker_failures, options_.breaker_open),
      bucket_(options_.requests_per_second, context_.clock.Now()),
      chance_(SeedOf(options_.seed)),
      pump_timer_([](void* self) { static_cast<ConnectorRunner*>(self)->Pump(); }, this),
      line_timer_([](void* self) { static_cast<ConnectorRunner*>(self)->Listen(); }, this),
      life_(std::make_shared<ConnectorRunner*>(this)) {
  if (!abilities_.all) return;
  all_ = std::make_shared<Target>(*this);
  all_->all = true;
}

ConnectorRunner::~ConnectorRunner() { Stop(); }

void ConnectorRunner::Start() {
  started_ = true;
  if (all_) Schedule(*all_, UpTo(std::min(kFirstFeedWithin, options_.interval)));
  for (const auto& [key, target] : targets_) Schedule(*target, UpTo(IntervalOf(*target)));
  if (abilities_.listens) Listen();
}

void ConnectorRunner::Stop() {
  if (stopped_) return;
  stopped_ = true;
  life_.reset();
  connector_.reset();
  pump_timer_.Cancel();
  line_timer_.Cancel();
  ready_.clear();
  if (all_) all_->timer.Cancel();
  targets_.clear();
  demands_.clear();
  const auto unfinished = std::exchange(unfinished_, {});
  for (const DemandPtr& demand : unfinished) {
    Finish(demand, ingest::UpdateStatus::kFailed, "cancelled");
  }
}

void ConnectorRunner::Follow(const std::vector<tracking::Tracker>& trackers) {
  if (stopped_) return;
  for (const tracking::Tracker& tracker : trackers) FollowOne(tracker);
}

void ConnectorRunner::FollowOne(const tracking::Tracker& tracker) {
  if (tracker.provider != options_.provider || !desk_.Follow(tracker)) return Drop(tracker.id);
  if (abilities_.all || !abilities_.one) return;
  const std::string key = tracker.id.ToJson();
  TargetPtr& target = targets_[key];
  const bool fresh = target == nullptr;
  if (fresh) {
    target = std::make_shared<Target>(*this);
    target->key = key;
  }
  const bool other_pace = target->interval != tracker.expected_interval;
  target->external_id = tracker.external_id;
  target->interval = tracker.expected_interval;
  if (!started_ || (!fresh && !other_pace) || target->ready || target->in_flight) return;
  Schedule(*target, UpTo(IntervalOf(*target)));
}

void ConnectorRunner::Forget(const std::vector<tracking::Id>& trackers) {
  for (const tracking::Id& id : trackers) Drop(id);
}

void ConnectorRunner::Replace(const std::vector<tracking::Tracker>& trackers) {
  if (stopped_) return;
  std::unordered_set<std::string> named;
  for (const tracking::Tracker& tracker : trackers) named.insert(tracker.id.ToJson());
  for (const tracking::Id& id : desk_.All()) {
    if (!named.contains(id.ToJson())) Drop(id);
  }
  Follow(trackers);
}

void ConnectorRunner::Drop(const tracking::Id& tracker) {
  desk_.Forget(tracker);
  const auto found = targets_.find(tracker.ToJson());
  if (found == targets_.end()) return;
  found->second->gone = true;
  found->second->timer.Cancel();
  targets_.erase(found);
}

milliseconds ConnectorRunner::UpTo(milliseconds most) {
  if (most <= 0ms) return 0ms;
  return milliseconds(std::uniform_int_distribution<int64_t>(0, most.count())(chance_));
}

milliseconds ConnectorRunner::IntervalOf(const Target& target) const {
  return target.interval > 0ms ? target.interval : options_.interval;
}

milliseconds ConnectorRunner::Backoff(uint32_t attempt) {
  const auto doubled = options_.backoff * (int64_t{1} << std::min<uint32_t>(attempt, 20));
  return UpTo(std::min<milliseconds>(doubled, options_.max_backoff));
}

void ConnectorRunner::Schedule(Target& target, milliseconds after) {
  if (stopped_ || target.gone) return;
  target.due = context_.clock.Now() + after;
  target.timer.Start(context_.timers, after);
}

void ConnectorRunner::ScheduleNext(Target& target) {
  target.attempt = 0;
  const milliseconds interval = IntervalOf(target);
  const auto swing = milliseconds(
      static_cast<int64_t>(static_cast<double>(interval.count()) * options_.jitter));
  const Steady::time_point due = target.due + interval - swing + UpTo(2 * swing);
  const Steady::time_point now = context_.clock.Now();
  // From when it was due, so that its pace holds; who fell behind starts anew instead of hurrying.
  const auto after = std::chrono::duration_cast<milliseconds>(due - now);
  Schedule(target, after > 0ms ? after : std::max(kTrackerKeepsUp, UpTo(interval)));
}

void ConnectorRunner::OnDue(const TargetPtr& target) {
  if (stopped_ || target->ready || target->in_flight) return;
  // What the line brings need not be asked for.
  if (line_up_ && target->attempt == 0) return ScheduleNext(*target);
  target->ready = true;
  ready_.push_back(target);
  Pump();
}

void ConnectorRunner::WaitFor(Steady::time_point when) {
  const auto wait = std::chrono::ceil<milliseconds>(when - context_.clock.Now());
  pump_timer_.Start(context_.timers, std::max<milliseconds>(wait, 1ms));
}

bool ConnectorRunner::MaySend(Steady::time_point now) {
  if (breaker_.state(now) == outbound::CircuitBreaker::State::kOpen) {
    FailDemands(Steady::time_point::max(), "provider_unavailable");
    WaitFor(breaker_.retry_at());
    return false;
  }
  if (now < hold_until_) {
    FailDemands(hold_until_, "rate_limited");
    WaitFor(hold_until_);
    return false;
  }
  return in_flight_ < options_.concurrency && breaker_.MayTry(now);
}

void ConnectorRunner::Pump() {
  if (pumping_ || stopped_) return;
  pumping_ = true;
  while (!stopped_ && (!demands_.empty() || !ready_.empty())) {
    const Steady::time_point now = context_.clock.Now();
    if (!MaySend(now)) break;
    if (const auto wait = bucket_.Wait(now); wait > 0ms) {
      ++counters_.limited;
      WaitFor(now + wait);
      break;
    }
    TargetPtr target;
    Demands demands;
    if (!Next(&target, &demands)) break;
    bucket_.Take(now);
    Send(target, std::move(demands));
  }
  pumping_ = false;
}

bool ConnectorRunner::Next(TargetPtr* target, Demands* demands) {
  if (!demands_.empty() && abilities_.one) {
    demands->push_back(demands_.front());
    demands_.pop_front();
    return true;
  }
  // One answer serves all who wait. One under way may be older than what they want to know.
  if (!demands_.empty() && !all_->in_flight) {
    demands->assign(demands_.begin(), demands_.end());
    demands_.clear();
    *target = all_;
    return true;
  }
  while (!ready_.empty()) {
    TargetPtr next = ready_.front();
    ready_.pop_front();
    const bool still = std::exchange(next->ready, false) && !next->gone && !next->in_flight;
    if (!still) continue;
    *target = std::move(next);
    return true;
  }
  return false;
}

void ConnectorRunner::Send(const TargetPtr& target, Demands demands) {
  const Steady::time_point now = context_.clock.Now();
  ++in_flight_;
  breaker_.OnStart(now);
  if (target) {
    target->in_flight = true;
    target->ready = false;
    target->timer.Cancel();
    if (!demands.empty()) target->due = now;
  }
  const std::string external_id = demands.empty() ? target->external_id : demands[0]->external_id;
  milliseconds timeout = options_.timeout;
  if (!demands.empty() && !target) {
    const auto left = std::chrono::duration_cast<milliseconds>(demands[0]->deadline - now);
    // A device that has to be woken first takes longer than an answer about the past.
    timeout = abilities_.locates ? left : std::min(timeout, left);
    timeout = std::max<milliseconds>(timeout, 1ms);
  }
  auto done = [this, target, demands = std::move(demands), now](auto answer) {
    OnAnswer(target, demands, now, std::move(answer));
  };
  if (target && target->all) return connector_->FetchAll(timeout, std::move(done));
  connector_->FetchOne(external_id, timeout, std::move(done));
}

RunnerCounters ConnectorRunner::counters() const {
  RunnerCounters counters = counters_;
  counters.breaker = breaker_.state(context_.clock.Now());
  counters.opened = breaker_.opened();
  counters.listening = line_up_;
  counters.trackers = desk_.size();
  counters.in_flight = in_flight_;
  return counters;
}

}  // namespace trackwire::fetcher
