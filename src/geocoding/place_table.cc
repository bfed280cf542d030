#include "geocoding/place_table.h"

#include <algorithm>
#include <utility>

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;
/// What was published may be lost: the cache is asked so often, …
constexpr auto kLookUpEvery = 2s;
/// … but for so many places in a tick only, lest a long queue keeps the broker busy.
constexpr size_t kLookUpsPerTick = 200;
/// So long a task that was left is taken to be there, when nothing is heard of it.
constexpr auto kKnownFor = 2s;

}  // namespace

PlaceTable::PlaceTable(std::shared_ptr<DeskParts> parts)
    : parts_(std::move(parts)),
      tick_([](void* self) { static_cast<PlaceTable*>(self)->OnTick(); }, this) {}

void PlaceTable::Start() {
  news_ = parts_->broker.pub_sub().Subscribe(kPlaceEnds,
                                             [weak = weak_from_this()](std::string_view message) {
                                               auto self = weak.lock();
                                               if (!self || self->stopped_) return;
                                               if (auto end = ParsePlaceEnd(message)) {
                                                 ++self->ends_;
                                                 self->OnEnd(std::move(*end));
                                               }
                                             });
}

void PlaceTable::Stop() {
  if (std::exchange(stopped_, true)) return;
  news_.reset();
  tick_.Cancel();
  round_.clear();
  for (auto& [key, waiting] : std::exchange(finding_, {})) {
    for (const FindDone& done : waiting) done(std::nullopt);
  }
  for (auto& [key, open] : std::exchange(open_, {})) {
    for (const Adder& adder : open.adders) {
      adder.done(Err("unavailable", "the server is stopping"));
    }
  }
}

void PlaceTable::Find(const std::string& key, FindDone done) {
  if (stopped_) return done(std::nullopt);
  auto& waiting = finding_[key];
  waiting.push_back(std::move(done));
  if (waiting.size() > 1) return;
  parts_->broker.cache().Get(
      key, [weak = weak_from_this(), key](const std::optional<std::string>& kept) {
        auto self = weak.lock();
        if (!self) return;
        auto found = self->finding_.extract(key);
        if (found.empty()) return;
        auto answer = kept ? ParsePlaceAnswer(*kept) : std::nullopt;
        if (answer && AgeOf(*answer, self->parts_->options, self->parts_->clock.WallNow()) ==
                          AnswerAge::kOver) {
          answer.reset();
        }
        for (const FindDone& one : found.mapped()) one(answer);
      });
}

PlaceTable::Queued PlaceTable::QueuedOf(const Open& open, bool joined) const {
  // Others behind it may have ended meanwhile, but it is never said to be farther away than it is.
  const uint64_t ended = ends_ - open.ends;
  return {open.queued, open.position > ended ? open.position - ended : 1, joined};
}

std::optional<PlaceTable::Queued> PlaceTable::Known(const std::string& key) const {
  const auto found = open_.find(key);
  if (found == open_.end()) return std::nullopt;
  const Open& open = found->second;
  return open.missing && IsQueued(open) ? std::optional(QueuedOf(open, true)) : std::nullopt;
}

bool PlaceTable::IsQueued(const Open& open) const {
  // With somebody who listens it is looked up again and again.
  return !open.queued.empty() &&
         (!open.listeners.empty() || open.known_until >= parts_->clock.Now());
}

void PlaceTable::Queue(const std::string& key, const Place& centre, size_t max_waiting, Why why,
                       QueueDone done) {
  if (stopped_) return done(Err("unavailable", "the server is stopping"));
  Open& open = open_[key];
  open.centre = centre;
  if (why == Why::kMissing) open.missing = true;
  if (IsQueued(open)) return done(QueuedOf(open, true));
  open.adders.push_back({max_waiting, std::move(done)});
  if (!open.adding) Add(key, max_waiting);
}

void PlaceTable::Add(const std::string& key, size_t max_waiting) {
  Open& open = open_.at(key);
  open.adding = true;
  parts_->broker.tasks().Add(
      kPlaces, key, ToJson(open.centre), max_waiting,
      [weak = weak_from_this(), key, max_waiting](const Result<broker::TaskQueue::Added>& added) {
        auto self = weak.lock();
        if (self && !self->stopped_) self->OnAdded(key, max_waiting, added);
      });
}

void PlaceTable::OnAdded(const std::string& key, size_t max_waiting,
                         const Result<broker::TaskQueue::Added>& added) {
  const auto found = open_.find(key);
  if (found == open_.end()) return;
  Open& open = found->second;
  open.adding = false;
  auto adders = std::exchange(open.adders, {});
  if (!added) {
    // Others who came meanwhile may have leave to fill the queue farther.
    const bool full = added.error().code == "queue_full";
    const auto refused = std::stable_partition(
        adders.begin(), adders.end(),
        [&](const Adder& adder) { return full && adder.max_waiting > max_waiting; });
    std::vector<Adder> gone(std::make_move_iterator(refused),
                            std::make_move_iterator(adders.end()));
    adders.erase(refused, adders.end());
    size_t widest = 0;
    for (const Adder& adder : adders) widest = std::max(widest, adder.max_waiting);
    open.adders = std::move(adders);
    if (!open.adders.empty()) {
      Add(key, widest);
    } else {
      Forget(key);
    }
    for (const Adder& adder : gone) adder.done(Err(added.error().code, added.error().detail));
    return;
  }
  open.queued = added->id;
  open.position = added->position + 1;
  open.ends = ends_;
  open.known_until = parts_->clock.Now() + kKnownFor;
  if (!tick_.armed()) tick_.Start(parts_->control.timers(), kTick);
  if (!open.in_round) round_.push_back(key);
  open.in_round = true;
  Queued queued = QueuedOf(open, added->joined);
  for (const Adder& adder : adders) {
    adder.done(queued);
    queued.joined = true;
  }
}

uint32_t PlaceTable::TaskNo(Open& open, const std::string& task, bool* is_new) {
  const auto known = std::find(open.tasks.begin(), open.tasks.end(), task);
  *is_new = known == open.tasks.end();
  if (!*is_new) return static_cast<uint32_t>(known - open.tasks.begin());
  open.tasks.push_back(task);
  return static_cast<uint32_t>(open.tasks.size() - 1);
}

void PlaceTable::Listen(const std::string& key, const std::string& task,
                        std::shared_ptr<PlaceWaiter> waiter, uint32_t index) {
  if (stopped_) return;
  Open& open = open_[key];
  bool is_new = false;
  const uint32_t no = TaskNo(open, task, &is_new);
  open.listeners.push_back({std::move(waiter), index, no});
  if (!tick_.armed()) tick_.Start(parts_->control.timers(), kTick);
  if (!open.in_round) round_.push_back(key);
  open.in_round = true;
  // It may have ended before. Where somebody listens for it already, its end is still to be heard.
  if (is_new) LookUp(key, task);
}

void PlaceTable::LookUp(const std::string& key, const std::string& task) {
  LookUpAnswer(key);
  parts_->broker.cache().Get(FailureKey(task),
                             [weak = weak_from_this()](const std::optional<std::string>& kept) {
                               auto self = weak.lock();
                               if (!self || self->stopped_ || !kept) return;
                               if (auto end = ParsePlaceEnd(*kept)) self->OnEnd(std::move(*end));
                             });
}

void PlaceTable::LookUpAnswer(const std::string& key) {
  open_.at(key).looked_at = parts_->clock.Now();
  Find(key, [weak = weak_from_this(), key](std::optional<PlaceAnswer> answer) {
    auto self = weak.lock();
    if (!self || self->stopped_ || !answer) return;
    PlaceEnd end;
    end.key = key;
    end.answer = std::move(answer);
    self->OnEnd(std::move(end));
  });
}

void PlaceTable::OnEnd(PlaceEnd heard) {
  const auto found = open_.find(heard.key);
  if (found == open_.end()) return;
  Open& open = found->second;
  const auto end = std::make_shared<const PlaceEnd>(std::move(heard));
  if (end->answer || open.queued == end->task) {
    open.queued.clear();
    open.missing = open.missing && open.adding;
  }
  std::vector<Listener> told;
  if (end->answer) {
    told = std::exchange(open.listeners, {});
    open.tasks.clear();
  } else {
    const auto task = std::find(open.tasks.begin(), open.tasks.end(), end->task);
    const auto no = static_cast<uint32_t>(task - open.tasks.begin());
    const auto first = std::stable_partition(open.listeners.begin(), open.listeners.end(),
                                             [no](const Listener& one) { return one.task != no; });
    told.assign(std::make_move_iterator(first), std::make_move_iterator(open.listeners.end()));
    open.listeners.erase(first, open.listeners.end());
    if (open.listeners.empty()) open.tasks.clear();
  }
  Forget(end->key);
  for (const Listener& listener : told) {
    if (listener.waiter->Waits(listener.index)) listener.waiter->Hear(listener.index, end);
  }
}

void PlaceTable::Forget(const std::string& key) {
  const auto found = open_.find(key);
  if (found == open_.end()) return;
  const Open& open = found->second;
  if (open.adding || !open.listeners.empty()) return;
  if (IsQueued(open)) return;
  open_.erase(found);
}

void PlaceTable::OnTick() {
  if (stopped_) return;
  const Steady::time_point now = parts_->clock.Now();
  const size_t count = std::min(round_.size(), kLookUpsPerTick);
  for (size_t i = 0; i < count; ++i) {
    std::string key = std::move(round_.front());
    round_.pop_front();
    const auto found = open_.find(key);
    if (found == open_.end()) continue;
    Open& open = found->second;
    open.in_round = false;
    std::erase_if(open.listeners,
                  [](const Listener& one) { return !one.waiter->Waits(one.index); });
    if (open.listeners.empty()) open.tasks.clear();
    Forget(key);
    const auto left = open_.find(key);
    if (left == open_.end()) continue;
    left->second.in_round = true;
    round_.push_back(key);
    if (left->second.listeners.empty() || now - left->second.looked_at < kLookUpEvery) continue;
    // A copy: what is found may end the place at once.
    const std::vector<std::string> tasks = left->second.tasks;
    for (const std::string& task : tasks) LookUp(key, task);
  }
  if (!round_.empty()) tick_.Start(parts_->control.timers(), kTick);
}

}  // namespace trackwire::geocoding
