#include "ingest/update_watches.h"

#include <utility>

#include "base/log.h"
#include "ingest/envelope.h"
#include "net/timer_wheel.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeep = 1h;
constexpr auto kTick = 100ms;
/// What was announced while nobody could hear it is looked up.
constexpr auto kLookUpEvery = 1s;
/// So long an end waits for the position that it follows.
constexpr auto kPatienceForPosition = 1s;
/// An announcement may reach others late: so long its request is known to be taken.
constexpr auto kHoldForeign = 10s;
constexpr const char* kLocation = "tracker_location_updated";

template <typename Index, typename Watch>
void Drop(Index& index, const typename Index::key_type& key, const Watch& watch) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(watch);
  if (found->second.empty()) index.erase(found);
}

}  // namespace

UpdateWatches::UpdateWatches(net::Loop& control, broker::Broker& broker,
                             broker::NotificationSink& sink, const Clock& clock,
                             const BrokerUpdateDesk::Options& options)
    : control_(control),
      broker_(broker),
      sink_(sink),
      clock_(clock),
      options_(options),
      tick_([](void* self) { static_cast<UpdateWatches*>(self)->OnTick(); }, this) {}

void UpdateWatches::Start() {
  progress_ = broker_.pub_sub().Subscribe(kUpdateProgress, [this](std::string_view message) {
    if (auto progress = ParseUpdateProgress(message)) OnProgress(*progress);
  });
  if (!options_.gateway) return;
  broker_.log().Tail([weak = weak_from_this()](const std::vector<broker::LogEntryPtr>& entries) {
    if (auto self = weak.lock()) self->OnLog(entries);
  });
}

void UpdateWatches::Stop() {
  stopped_ = true;
  tick_.Cancel();
  progress_.reset();
  watches_.clear();
  by_task_.clear();
  by_tracker_.clear();
}

bool UpdateWatches::live(const WatchPtr& watch) const {
  const auto found = watches_.find(watch->record.state.request.request_id);
  return found != watches_.end() && found->second == watch;
}

std::optional<std::string> UpdateWatches::Refusal(const tracking::Id& tracker,
                                                  std::string* provider) const {
  const auto target = options_.find(tracker);
  if (!target) return "unknown_tracker";
  *provider = target->provider;
  if (options_.external) return std::nullopt;
  if (target->provider.empty()) return "no_provider";
  if (target->provider == "push") return "unsupported";
  if (options_.runs && !options_.runs(target->provider)) return "no_provider";
  return std::nullopt;
}

void UpdateWatches::Begin(UpdateRequest request, const broker::Task& task,
                          broker::TaskQueue::Worker& worker, bool foreign) {
  // Its own id, for a requester who gave it none: the same wherever it is watched.
  if (request.request_id.empty()) request.request_id = "announced-" + task.id;
  auto& place = watches_[request.request_id];
  if (place) {
    // Announced and asked of us under one id: one of them is enough.
    if (place->own_task != task.id) worker.Finish(task.id);
    return;
  }
  place = std::make_shared<Watch>();
  const WatchPtr watch = place;
  watch->record.state = {std::move(request), UpdateStatus::kQueued, "", clock_.WallNow()};
  watch->worker = &worker;
  watch->own_task = task.id;
  watch->foreign = foreign;
  watch->began_at = clock_.Now();
  if (!tick_.armed()) tick_.Start(control_.timers(), kTick);
  by_tracker_[watch->record.state.request.tracker_id].insert(watch);
  if (task.attempt == 1) return Proceed(watch, true);
  // Another has watched it and died: what it had told is not told again.
  broker_.cache().Get(RecordKey(watch->record.state.request.request_id),
                      [weak = weak_from_this(), watch](const std::optional<std::string>& kept) {
                        auto self = weak.lock();
                        if (!self || !self->live(watch)) return;
                        auto record = kept ? ParseUpdateRecord(*kept) : std::nullopt;
                        if (record) watch->record = std::move(*record);
                        self->Proceed(watch, !record);
                      });
}

void UpdateWatches::Proceed(const WatchPtr& watch, bool is_new) {
  watch->begun = true;
  const UpdateState& state = watch->record.state;
  if (IsEnd(state.status)) {
    // It may have died before it said so; the log takes it once.
    watch->untold.push_back(state);
    return TellNext(watch);
  }
  if (state.request.deadline <= clock_.WallNow()) {
    return Enter(watch, UpdateStatus::kFailed, "timeout");
  }
  std::string provider;
  if (auto reason = Refusal(state.request.tracker_id, &provider)) {
    return Enter(watch, UpdateStatus::kFailed, std::move(*reason));
  }
  if (is_new) Enter(watch, UpdateStatus::kQueued, "");
  if (!watch->foreign) broker_.pub_sub().Publish(kUpdateRequests, AnnouncementOf(state.request));
  if (options_.external) return;
  if (!watch->record.queue.empty()) return Attach(watch);
  AddTask(watch, provider);
}

void UpdateWatches::AddTask(const WatchPtr& watch, const std::string& provider) {
  watch->adding = true;
  const UpdateRequest& request = watch->record.state.request;
  const std::string queue = UpdateQueueOf(provider);
  broker_.tasks().Add(queue, request.tracker_id.ToJson(), ToJson(request), options_.max_waiting,
                      [weak = weak_from_this(), watch,
                       queue](const Result<broker::TaskQueue::Added>& added) {
                        auto self = weak.lock();
                        if (self && self->live(watch)) self->OnAdded(watch, added, queue);
                      });
}

void UpdateWatches::OnAdded(const WatchPtr& watch, const Result<broker::TaskQueue::Added>& added,
                            const std::string& queue) {
  watch->adding = false;
  if (IsEnd(watch->record.state.status)) return;
  if (!added) {
    // Else the broker is away for a moment: tried again until the deadline.
    if (added.error().code == "queue_full") {
      Enter(watch, UpdateStatus::kFailed, "queue_full");
    }
    return;
  }
  watch->record.queue = queue;
  watch->record.task_id = added->id;
  watch->joined = added->joined;
  Keep(*watch);
  if (added->joined) {
    const WallTime until = watch->record.state.request.deadline;
    broker_.cache().Put(WantedKey(queue, added->id),
                        std::to_string(until.time_since_epoch().count()), kKeep);
  }
  Attach(watch);
}

void UpdateWatches::Attach(const WatchPtr& watch) {
  by_task_[{watch->record.queue, watch->record.task_id}].insert(watch);
  LookUp(watch);
}

void UpdateWatches::LookUp(const WatchPtr& watch) {
  watch->asked_at = clock_.Now();
  broker_.cache().Get(ProgressKey(watch->record.queue, watch->record.task_id),
                      [weak = weak_from_this(), watch](const std::optional<std::string>& kept) {
                        auto self = weak.lock();
                        if (!self || !kept || !self->live(watch)) return;
                        auto progress = ParseUpdateProgress(*kept);
                        // It may have left that task meanwhile.
                        if (progress && progress->task_id == watch->record.task_id &&
                            progress->queue == watch->record.queue) {
                          self->Apply(watch, *progress);
                        }
                      });
}

void UpdateWatches::OnProgress(const UpdateProgress& progress) {
  const auto found = by_task_.find({progress.queue, progress.task_id});
  if (found == by_task_.end()) return;
  const std::set<WatchPtr> all = found->second;
  for (const WatchPtr& watch : all) Apply(watch, progress);
}

void UpdateWatches::Apply(const WatchPtr& watch, const UpdateProgress& progress) {
  const UpdateStatus status = watch->record.state.status;
  if (IsEnd(status) || watch->fetched_at) return;
  if (!IsEnd(progress.status)) {
    if (status == UpdateStatus::kQueued) Enter(watch, progress.status, "");
    return;
  }
  // What is over is the time of the one who asked first.
  const bool over = progress.status == UpdateStatus::kFailed && progress.reason == "timeout";
  if (over && watch->joined) return Detach(watch);
  // Nobody hears `fetched` alone, however quick it was.
  if (status == UpdateStatus::kQueued && progress.status != UpdateStatus::kFailed) {
    Enter(watch, UpdateStatus::kFetching, "");
  }
  watch->provider_time = progress.provider_time;
  if (progress.status == UpdateStatus::kFetched && options_.gateway && !watch->location_seen) {
    watch->fetched_at = clock_.Now();
    return;
  }
  // No news to the provider's questioner, because the news came by schedule meanwhile.
  const bool came = progress.status == UpdateStatus::kUnchanged && watch->location_seen;
  Enter(watch, came ? UpdateStatus::kFetched : progress.status, progress.reason);
}

void UpdateWatches::Detach(const WatchPtr& watch) {
  UpdateRecord& record = watch->record;
  Drop(by_task_, {record.queue, record.task_id}, watch);
  record.queue.clear();
  record.task_id.clear();
  watch->joined = false;
  Keep(*watch);
}

void UpdateWatches::Enter(const WatchPtr& watch, UpdateStatus status, std::string reason) {
  UpdateState& state = watch->record.state;
  state.status = status;
  state.reason = std::move(reason);
  state.since = clock_.WallNow();
  Count(*watch);
  Keep(*watch);
  watch->untold.push_back(state);
  TellNext(watch);
}

void UpdateWatches::Count(const Watch& watch) {
  const UpdateState& state = watch.record.state;
  ++counters_.by_status[static_cast<size_t>(state.status)];
  if (state.status == UpdateStatus::kFailed) ++counters_.failed[state.reason];
  if (state.status != UpdateStatus::kFetched && state.status != UpdateStatus::kUnchanged) return;
  const auto took = state.since - state.request.requested_at - watch.provider_time;
  counters_.latency.Record(std::max<std::chrono::milliseconds>(took, 0ms));
}

void UpdateWatches::Keep(const Watch& watch) {
  broker_.cache().Put(RecordKey(watch.record.state.request.request_id), ToJson(watch.record),
                      kKeep);
}

void UpdateWatches::TellAtOnce(const UpdateState& state) {
  ++counters_.by_status[static_cast<size_t>(state.status)];
  if (state.status == UpdateStatus::kFailed) ++counters_.failed[state.reason];
  broker_.cache().Put(RecordKey(state.request.request_id), ToJson(UpdateRecord{state, "", ""}),
                      kKeep);
  if (!state.request.socket_id) return;
  sink_.Append({{StatusEnvelope(state), "", clock_.Now()}}, [](const auto&) {});
}

void UpdateWatches::TellNext(const WatchPtr& watch) {
  while (!watch->untold.empty() && !watch->record.state.request.socket_id) {
    watch->untold.pop_front();
  }
  if (watch->appending) return;
  if (watch->untold.empty()) {
    if (IsEnd(watch->record.state.status)) Close(watch);
    return;
  }
  watch->appending = true;
  const UpdateState& next = watch->untold.front();
  // A request has one end, whoever tells it.
  const std::string key = "tw:u:" + next.request.request_id + ":" +
                          (IsEnd(next.status) ? "end" : ToString(next.status));
  sink_.Append({{StatusEnvelope(next), key, clock_.Now()}},
               [weak = weak_from_this(), watch](const auto& appended) {
                 auto self = weak.lock();
                 if (!self || !self->live(watch)) return;
                 watch->appending = false;
                 if (!appended) return;  // tried again at the next tick
                 watch->untold.pop_front();
                 self->TellNext(watch);
               });
}

void UpdateWatches::Close(const WatchPtr& watch) {
  if (watch->foreign && clock_.Now() - watch->began_at < kHoldForeign) return;
  watch->worker->Finish(watch->own_task);
  const UpdateRecord& record = watch->record;
  Drop(by_task_, {record.queue, record.task_id}, watch);
  Drop(by_tracker_, record.state.request.tracker_id, watch);
  const std::string id = record.state.request.request_id;
  watches_.erase(id);
}

void UpdateWatches::OnTick() {
  if (stopped_) return;
  const Steady::time_point now = clock_.Now();
  std::vector<WatchPtr> all;
  for (const auto& [id, watch] : watches_) all.push_back(watch);
  for (const WatchPtr& watch : all) {
    const UpdateState& state = watch->record.state;
    if (!watch->begun) continue;
    if (IsEnd(state.status)) {
      TellNext(watch);
    } else if (watch->fetched_at && now - *watch->fetched_at > kPatienceForPosition) {
      Enter(watch, UpdateStatus::kFetched, "");
    } else if (state.request.deadline <= clock_.WallNow()) {
      Enter(watch, UpdateStatus::kFailed, "timeout");
    } else {
      TellNext(watch);
      std::string provider;
      const bool has_task = !watch->record.queue.empty();
      if (has_task && now - watch->asked_at > kLookUpEvery) LookUp(watch);
      if (!has_task && !watch->adding && !options_.external &&
          !Refusal(state.request.tracker_id, &provider)) {
        AddTask(watch, provider);
      }
    }
  }
  if (!watches_.empty()) tick_.Start(control_.timers(), kTick);
}

void UpdateWatches::OnLog(const std::vector<broker::LogEntryPtr>& entries) {
  if (by_tracker_.empty()) return;
  for (const broker::LogEntryPtr& entry : entries) {
    if (entry->envelope.find(kLocation) == std::string::npos) continue;
    const auto envelope = ParseEnvelope(entry->envelope, entry->envelope.size());
    if (!envelope || envelope->message_type != kLocation || !envelope->tracker_id) continue;
    const auto found = by_tracker_.find(*envelope->tracker_id);
    if (found == by_tracker_.end()) continue;
    const std::set<WatchPtr> all = found->second;
    for (const WatchPtr& watch : all) {
      watch->location_seen = true;
      if (!watch->begun || IsEnd(watch->record.state.status)) continue;
      if (options_.external || watch->fetched_at) Enter(watch, UpdateStatus::kFetched, "");
    }
  }
}

UpdateCounters UpdateWatches::counters() const {
  UpdateCounters counters = counters_;
  counters.open = watches_.size();
  return counters;
}

}  // namespace trackwire::ingest
