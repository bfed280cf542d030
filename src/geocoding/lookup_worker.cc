#include "geocoding/lookup_worker.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "base/log.h"

namespace trackwire::geocoding {
namespace {

using namespace std::chrono_literals;

/// A place whose lookup so many desks did not bring to an end is given up. Restarts count, too.
constexpr uint32_t kMaxAttempts = 5;
constexpr auto kAgainAfter = 500ms;
/// Who was crowded out at a provider, by those of other gateways too, is looked up again after
/// what the provider's rate asks for, within this.
constexpr std::chrono::milliseconds kLongestTurn = 30s;
/// What the cache does not keep though the broker is well is not said more often.
constexpr int kMaxTries = 5;

}  // namespace

/// An end on its way to those who wait.
struct LookupWorker::Ending {
  std::string task;
  std::string news;
  std::string cache_key;
  std::string cached;
  std::chrono::milliseconds life{};
  int tries = 0;
};

/// The lock guards the loop's life against a provider's thread that answers late; it is taken once
/// for a lookup.
class LookupWorker::WayBack {
 public:
  explicit WayBack(net::Loop& loop) : loop_(&loop) {}

  void Post(net::Loop::Task task) {
    const std::lock_guard lock(mutex_);
    if (loop_ != nullptr) loop_->Post(std::move(task));
  }
  void Close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  net::Loop* loop_;
};

LookupWorker::LookupWorker(std::shared_ptr<DeskParts> parts)
    : parts_(std::move(parts)),
      way_back_(std::make_shared<WayBack>(parts_->control)),
      again_([](void* self) { static_cast<LookupWorker*>(self)->SayAgain(); }, this) {}

void LookupWorker::Start() {
  broker::TaskQueue::WorkOptions work;
  work.max_at_once = parts_->options.max_at_once;
  work.lease = parts_->options.lease;
  worker_ = parts_->broker.tasks().Work(kPlaces, work,
                                        [weak = weak_from_this()](const broker::Task& task) {
                                          auto self = weak.lock();
                                          if (self && self->worker_) self->OnTask(task);
                                        });
}

void LookupWorker::Stop() {
  worker_.reset();
  way_back_->Close();
  again_.Cancel();
  unsaid_.clear();
}

void LookupWorker::OnTask(const broker::Task& task) {
  const auto place = ParsePlace(task.payload);
  if (!place || task.key.empty()) {
    base::LogError("geocoding", "a task that is no place is dropped", {{"task", task.id}});
    return worker_->Finish(task.id);
  }
  if (task.attempt > kMaxAttempts) {
    base::LogError("geocoding", "a place is given up, its lookups did not end",
                   {{"place", task.key}});
    return OnLooked(task, Err(LookupError{LookupFault::kUnavailable, "given up", std::nullopt}),
                    std::nullopt);
  }
  // Who left the task may have missed an answer by a moment.
  parts_->broker.cache().Get(task.key, [weak = weak_from_this(), task,
                                        place = *place](const std::optional<std::string>& kept) {
    auto self = weak.lock();
    if (!self || !self->worker_) return;
    auto answer = kept ? ParsePlaceAnswer(*kept) : std::nullopt;
    const AnswerAge age =
        answer ? AgeOf(*answer, self->parts_->options, self->parts_->clock.WallNow())
               : AnswerAge::kOver;
    if (age == AnswerAge::kOver) answer.reset();
    if (age != AnswerAge::kFresh) return self->LookUp(task, place, std::move(answer));
    PlaceEnd end;
    end.key = task.key;
    end.task = task.id;
    end.answer = std::move(answer);
    self->End(std::move(end));
  });
}

void LookupWorker::LookUp(const broker::Task& task, const Place& place,
                          std::optional<PlaceAnswer> old) {
  parts_->chain->Look(place, [weak = weak_from_this(), way_back = way_back_, task,
                              old = std::move(old)](Result<Found, LookupError> looked) {
    way_back->Post([weak, task, old, result = std::move(looked)]() mutable {
      auto self = weak.lock();
      if (self && self->worker_) self->OnLooked(task, std::move(result), std::move(old));
    });
  });
}

void LookupWorker::OnLooked(const broker::Task& task, Result<Found, LookupError> looked,
                            std::optional<PlaceAnswer> old) {
  if (!looked && looked.error().waits_for_turn && task.attempt < kMaxAttempts) {
    const auto turn = looked.error().retry_after.value_or(kAgainAfter);
    return worker_->Retry(task.id,
                          std::clamp<std::chrono::milliseconds>(turn, kAgainAfter, kLongestTurn));
  }
  GeocodingCounters& counters = parts_->counters;
  DeskParts::Count(counters.lookups);
  PlaceEnd end;
  end.key = task.key;
  end.task = task.id;
  const bool servers_failed = looked ? IsOfTheIndex(*looked) : looked.error().incomplete;
  if (old && servers_failed) {
    // What one of them said before is still better than the nearest town, or nothing.
    DeskParts::Count(counters.failed);
    end.answer = std::move(old);
  } else if (looked) {
    DeskParts::Count(counters.found);
    end.answer = PlaceAnswer{std::move(*looked), parts_->clock.WallNow()};
  } else if (looked.error().fault == LookupFault::kNotFound) {
    DeskParts::Count(counters.not_found);
    end.answer = PlaceAnswer{std::nullopt, parts_->clock.WallNow(), looked.error().incomplete};
  } else {
    DeskParts::Count(counters.failed);
    end.fault = looked.error().fault;
    end.retry_after = looked.error().retry_after;
  }
  End(std::move(end));
}

void LookupWorker::End(PlaceEnd end) {
  auto ending = std::make_shared<Ending>();
  ending->task = end.task;
  ending->news = ToJson(end);
  if (end.answer) {
    ending->cache_key = end.key;
    ending->cached = ToJson(*end.answer);
    ending->life = LifeOf(*end.answer, parts_->options);
  } else {
    // A fault is nobody's answer but theirs who wait for this task; as long as they do.
    ending->cache_key = FailureKey(end.task);
    ending->cached = ending->news;
    ending->life = parts_->options.deadline + 1min;
  }
  Say(ending);
}

void LookupWorker::Say(const EndingPtr& ending) {
  parts_->broker.cache().Put(ending->cache_key, ending->cached, ending->life);
  parts_->broker.pub_sub().Publish(kPlaceEnds, ending->news);
  // Neither says whether it was done.
  parts_->broker.cache().Get(
      ending->cache_key, [weak = weak_from_this(), ending](const std::optional<std::string>& kept) {
        auto self = weak.lock();
        if (self && self->worker_) self->OnSaid(ending, kept.has_value());
      });
}

void LookupWorker::OnSaid(const EndingPtr& ending, bool kept) {
  const bool is_kept = kept || ending->life <= 0ms;
  if (is_kept || (++ending->tries >= kMaxTries && parts_->broker.health().ready)) {
    // At last: who finds the task gone finds out what became of it.
    return worker_->Finish(ending->task);
  }
  unsaid_.push_back(ending);
  if (!again_.armed()) again_.Start(parts_->control.timers(), kAgainAfter);
}

void LookupWorker::SayAgain() {
  for (const EndingPtr& ending : std::exchange(unsaid_, {})) Say(ending);
}

}  // namespace trackwire::geocoding
