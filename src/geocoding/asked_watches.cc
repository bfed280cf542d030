#include "geocoding/asked_watches.h"

#include <utility>
#include <vector>

#include "base/log.h"

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

constexpr auto kTick = 500ms;
/// A desk that took a request says so within this, unless it died or its word was lost.
constexpr auto kHold = 2s;
constexpr auto kRemember = 5s;
constexpr size_t kMaxRemembered = 20'000;

}  // namespace

/// One batch: what of it is still to be told.
class AskedWatches::Watch final : public PlaceWaiter {
 public:
  Watch(AskedWatches& owner, AskedBatch batch, std::string task, uint64_t number)
      : batch_(std::make_shared<const AskedBatch>(std::move(batch))),
        task_(std::move(task)),
        no_(number),
        telling_(batch_->askers.size()),
        left_(batch_->askers.size()),
        owner_(owner.weak_from_this()) {}

  void Hear(uint32_t index, const std::shared_ptr<const PlaceEnd>& end) override {
    auto owner = owner_.lock();
    if (!owner || telling_[index]) return;
    telling_[index] = true;
    owner->teller_->Tell({batch_, index, end});
  }
  bool Waits(uint32_t index) const override { return !telling_[index]; }

  const std::shared_ptr<const AskedBatch>& batch() const { return batch_; }
  const std::string& task() const { return task_; }
  std::pair<WallTime, uint64_t> place() const { return {batch_->deadline, no_}; }
  size_t left() const { return left_; }
  void OneLess() { --left_; }

  Steady::time_point held_since{};
  bool expired = false;

 private:
  const std::shared_ptr<const AskedBatch> batch_;
  const std::string task_;
  const uint64_t no_;
  std::vector<bool> telling_;
  size_t left_;
  std::weak_ptr<AskedWatches> owner_;
};

AskedWatches::AskedWatches(std::shared_ptr<DeskParts> parts, std::shared_ptr<PlaceTable> places,
                           std::string desk)
    : parts_(std::move(parts)),
      places_(std::move(places)),
      desk_(std::move(desk)),
      tick_([](void* self) { static_cast<AskedWatches*>(self)->OnTick(); }, this) {}

void AskedWatches::Start() {
  teller_ =
      std::make_shared<AddressTeller>(parts_, [weak = weak_from_this()](const Telling& telling) {
        if (auto self = weak.lock()) self->Settle(telling);
      });
  told_ =
      parts_->broker.pub_sub().Subscribe(kTold, [weak = weak_from_this()](std::string_view told) {
        auto self = weak.lock();
        if (self) self->OnTold(told);
      });
  broker::TaskQueue::WorkOptions work;
  work.max_at_once = parts_->options.max_waiting;
  work.lease = parts_->options.lease;
  worker_ = parts_->broker.tasks().Work(kAsked, work,
                                        [weak = weak_from_this()](const broker::Task& task) {
                                          auto self = weak.lock();
                                          if (self && self->worker_) self->OnTask(task);
                                        });
}

void AskedWatches::Stop() {
  if (teller_) teller_->Stop();
  told_.reset();
  worker_.reset();
  tick_.Cancel();
  watches_.clear();
  by_batch_.clear();
  held_.clear();
  size_ = 0;
}

void AskedWatches::OnTask(const broker::Task& task) {
  auto batch = ParseAskedBatch(task.payload);
  if (!batch || batch->askers.empty()) {
    base::LogError("geocoding", "a task that is no request is dropped", {{"task", task.id}});
    return worker_->Finish(task.id);
  }
  const bool ours = batch->origin == desk_;
  const bool held =
      ours ? leaving_.contains(batch->id)
           : task.attempt == 1 && !heard_.contains(batch->id) && !heard_before_.contains(batch->id);
  auto watch = std::make_shared<Watch>(*this, std::move(*batch), task.id, ++last_no_);
  watches_.emplace(watch->place(), watch);
  by_batch_.emplace(watch->batch().get(), watch);
  size_ += watch->left();
  if (!tick_.armed()) tick_.Start(parts_->control.timers(), kTick);
  if (!held) return Begin(watch);
  watch->held_since = parts_->clock.Now();
  held_.emplace(watch->batch()->id, watch);
}

void AskedWatches::Begin(const WatchPtr& watch) {
  const auto batch = watch->batch();
  for (uint32_t i = 0; i < batch->askers.size(); ++i) {
    places_->Listen(batch->askers[i].key, batch->askers[i].task, watch, i);
  }
}

void AskedWatches::Leaving(const std::string& batch) { leaving_.insert(batch); }

void AskedWatches::Left(const std::string& batch, bool kept) {
  leaving_.erase(batch);
  if (kept) parts_->broker.pub_sub().Publish(kTold, desk_ + ':' + batch);
  if (!worker_) return;
  auto held = held_.extract(batch);
  if (held.empty()) return;
  const WatchPtr watch = std::move(held.mapped());
  if (kept) return Begin(watch);
  // They heard that nothing was kept: nothing follows.
  size_ -= watch->left();
  worker_->Finish(watch->task());
  by_batch_.erase(watch->batch().get());
  watches_.erase(watch->place());
}

void AskedWatches::OnTold(std::string_view told) {
  const size_t colon = told.find(':');
  // Our own are let go by Left().
  if (colon == std::string_view::npos || told.substr(0, colon) == desk_) return;
  std::string batch(told.substr(colon + 1));
  auto held = held_.extract(batch);
  if (!held.empty()) return Begin(held.mapped());
  Remember(std::move(batch));
}

void AskedWatches::Remember(std::string batch) {
  const Steady::time_point now = parts_->clock.Now();
  if (now - heard_since_ > kRemember || heard_.size() >= kMaxRemembered) {
    heard_before_ = std::exchange(heard_, {});
    heard_since_ = now;
  }
  heard_.insert(std::move(batch));
}

void AskedWatches::Settle(const Telling& telling) {
  const auto found = by_batch_.find(telling.batch.get());
  if (found == by_batch_.end()) return;
  const WatchPtr watch = found->second;
  watch->OneLess();
  --size_;
  if (watch->left() > 0) return;
  worker_->Finish(watch->task());
  by_batch_.erase(found);
  watches_.erase(watch->place());
}

void AskedWatches::OnTick() {
  const Steady::time_point now = parts_->clock.Now();
  std::vector<WatchPtr> begin;
  for (auto held = held_.begin(); held != held_.end();) {
    const bool ours = held->second->batch()->origin == desk_;
    if (ours || now - held->second->held_since < kHold) {
      ++held;
      continue;
    }
    begin.push_back(held->second);
    held = held_.erase(held);
  }
  for (const WatchPtr& watch : begin) Begin(watch);
  const WallTime wall = parts_->clock.WallNow();
  std::vector<WatchPtr> late;
  for (const auto& [place, watch] : watches_) {
    if (place.first > wall) break;
    if (!watch->expired && !held_.contains(watch->batch()->id)) late.push_back(watch);
  }
  for (const WatchPtr& watch : late) Expire(watch);
  if (!watches_.empty()) tick_.Start(parts_->control.timers(), kTick);
}

void AskedWatches::Expire(const WatchPtr& watch) {
  watch->expired = true;
  const auto end = std::make_shared<const PlaceEnd>();
  for (uint32_t i = 0; i < watch->batch()->askers.size(); ++i) watch->Hear(i, end);
}

}  // namespace trackwire::geocoding
