#include "ingest/update_worker.h"

#include <charconv>
#include <utility>

#include "base/log.h"

namespace trackwire::ingest {
namespace {

using namespace std::chrono_literals;

constexpr auto kKeep = 1h;
constexpr auto kLease = 3s;
/// More than any provider is asked at a time: a source orders them itself, and one answer of a
/// source that brings all trackers at once serves many.
constexpr size_t kAtOnce = 64;

std::optional<WallTime> ParseMillis(const std::optional<std::string>& text) {
  int64_t ms = 0;
  if (!text) return std::nullopt;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, ms);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return WallTime(std::chrono::milliseconds(ms));
}

}  // namespace

struct UpdateWorker::State : std::enable_shared_from_this<UpdateWorker::State> {
  State(net::Loop& loop, broker::Broker& the_broker, const Clock& time,
        const std::string& provider, UpdateSource& asked)
      : control(loop),
        broker(the_broker),
        clock(time),
        queue(UpdateQueueOf(provider)),
        source(asked) {}

  void OnTask(const broker::Task& task);
  void Ask(const std::string& task_id, UpdateRequest request);
  void OnOutcome(const std::string& task_id, const UpdateOutcome& outcome);
  void Say(UpdateProgress progress);

  net::Loop& control;
  broker::Broker& broker;
  const Clock& clock;
  const std::string queue;
  UpdateSource& source;
  std::unique_ptr<broker::TaskQueue::Worker> worker;
};

void UpdateWorker::State::OnTask(const broker::Task& task) {
  auto request = ParseUpdateRequest(task.payload);
  if (!request) {
    base::LogError("updates", "a task that is no request is dropped", {{"queue", queue}});
    return worker->Finish(task.id);
  }
  if (request->deadline > clock.WallNow()) return Ask(task.id, std::move(*request));
  // Too late for the first, but a later one may have joined it.
  broker.cache().Get(
      WantedKey(queue, task.id),
      [weak = weak_from_this(), id = task.id, request = *request](const auto& kept) {
        auto self = weak.lock();
        if (!self || self->worker == nullptr) return;
        const auto until = ParseMillis(kept);
        if (!until || *until <= self->clock.WallNow()) return self->worker->Finish(id);
        UpdateRequest later = request;
        later.deadline = *until;
        self->Ask(id, std::move(later));
      });
}

void UpdateWorker::State::Ask(const std::string& task_id, UpdateRequest request) {
  Say({queue, task_id, UpdateStatus::kFetching, "", 0ms});
  source.Ask(std::move(request), [weak = weak_from_this(), &loop = control,
                                  task_id](UpdateOutcome outcome) {
    loop.Post([weak, task_id, outcome = std::move(outcome)] {
      if (auto self = weak.lock()) self->OnOutcome(task_id, outcome);
    });
  });
}

void UpdateWorker::State::OnOutcome(const std::string& task_id, const UpdateOutcome& outcome) {
  if (worker == nullptr) return;
  if (outcome.status == UpdateStatus::kFailed && outcome.reason == "cancelled") {
    return worker->Retry(task_id, 0ms);
  }
  // In this order: who finds the task gone finds out what became of it.
  Say({queue, task_id, outcome.status, outcome.reason, outcome.provider_time});
  worker->Finish(task_id);
}

void UpdateWorker::State::Say(UpdateProgress progress) {
  const std::string text = ToJson(progress);
  broker.cache().Put(ProgressKey(queue, progress.task_id), text, kKeep);
  broker.pub_sub().Publish(kUpdateProgress, text);
}

UpdateWorker::UpdateWorker(net::Loop& control, broker::Broker& broker, const Clock& clock,
                           const std::string& provider, UpdateSource& source)
    : state_(std::make_shared<State>(control, broker, clock, provider, source)) {
  broker::TaskQueue::WorkOptions options;
  options.max_at_once = kAtOnce;
  options.lease = kLease;
  state_->worker = broker.tasks().Work(
      state_->queue, options, [weak = std::weak_ptr(state_)](const broker::Task& task) {
        if (auto state = weak.lock()) state->OnTask(task);
      });
}

UpdateWorker::~UpdateWorker() { state_->worker.reset(); }

}  // namespace trackwire::ingest
