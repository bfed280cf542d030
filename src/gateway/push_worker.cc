#include "gateway/push_worker.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "ingest/push_desk.h"
#include "ingest/report_codec.h"
#include "ingest/tracker_check.h"

namespace trackwire::gateway {
namespace {

constexpr std::chrono::milliseconds kLease{5'000};
constexpr std::chrono::milliseconds kLater{250};
/// As many as one batch of the intake may make of them.
constexpr size_t kAtOnce = 256;

}  // namespace

/// One holding of the task. Callbacks under way keep it, and do nothing once `worker` is gone.
struct PushWorker::Run : std::enable_shared_from_this<PushWorker::Run> {
  Run(net::Loop& loop, ingest::PositionIntake& to) : control(loop), intake(&to) {}

  void OnTask(const broker::Task& task);
  void Finish(const std::string& id) {
    if (worker != nullptr) worker->Finish(id);
  }

  net::Loop& control;
  ingest::PositionIntake* intake;
  std::unique_ptr<broker::TaskQueue::Worker> worker;
};

void PushWorker::Run::OnTask(const broker::Task& task) {
  if (worker == nullptr) return;
  auto reports = ingest::DecodeReports(task.payload);
  if (!reports) {
    base::LogError("ingest", "a task of the queue of positions cannot be read and is dropped",
                   {{"task", task.id}, {"code", reports.error().code}});
    return Finish(task.id);
  }
  auto done = [self = shared_from_this(), id = task.id] {
    self->control.Post([self, id] { self->Finish(id); });
  };
  if (!intake->Offer(std::move(*reports), std::move(done))) worker->Retry(task.id, kLater);
}

void PushWorker::Begin(ingest::PositionIntake& intake) {
  // Whoever has the task listens: silence from here on is the trackers' own.
  intake.ProviderState(ingest::kPushProvider, true);
  run_ = std::make_shared<Run>(control_, intake);
  control_.Run([this] {
    broker::TaskQueue::WorkOptions options;
    options.max_at_once = kAtOnce;
    options.lease = kLease;
    run_->worker = broker_.tasks().Work(
        ingest::kPushQueue, options, [run = std::weak_ptr<Run>(run_)](const broker::Task& task) {
          if (const auto held = run.lock()) held->OnTask(task);
        });
  });
}

void PushWorker::End() {
  if (run_ == nullptr) return;
  control_.Run([this] { run_->worker.reset(); });
  run_.reset();
}

}  // namespace trackwire::gateway
