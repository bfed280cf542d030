#include "gateway/provider_task.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "gateway/fetch_service.h"
#include "net/timer_wheel.h"
#include "store/store.h"

namespace trackwire::gateway {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLease{5'000};
/// Without a sign of life for so long, another may be about to have the task.
constexpr milliseconds kDoubt{4'000};
constexpr milliseconds kTick{500};
constexpr milliseconds kAfterFailure{10'000};
constexpr size_t kMaxWaiting = 16;

}  // namespace

ProviderTask::ProviderTask(Context context, std::string name, MakeProvider make, Duty duty)
    : context_(context),
      name_(std::move(name)),
      queue_("provider:" + name_),
      make_(std::move(make)),
      duty_(std::move(duty)),
      tick_([](void* self) { static_cast<ProviderTask*>(self)->Tick(); }, this) {
  work_.Start();
}

void ProviderTask::Begin() {
  ticked_at_ = ready_at_ = context_.control.now();
  Follow();
  Tick();
}

void ProviderTask::Follow() {
  tracker_news_ = context_.broker.pub_sub().Subscribe(
      kTrackersChanged, [this](std::string_view who) {
        if (who == name_) return;  // its own word
        work_.Post([this] {
          if (positions_ != nullptr) positions_->Reload();
        });
      });
}

void ProviderTask::AskForTask() {
  if (asking_) return;
  asking_ = true;
  // Joins the one that is there already: there is one task for all fetchers.
  context_.broker.tasks().Add(
      queue_, name_, "", kMaxWaiting, [this](const Result<broker::TaskQueue::Added>& added) {
        asking_ = false;
        if (added) {
          added_ = true;
          base::LogInfo("fetcher", added->joined ? "another fetcher may run this provider; waiting"
                                                 : "provider is to be run",
                        {{"provider", name_}});
          return;
        }
        base::LogError("fetcher", "a provider cannot be asked for, trying again",
                       {{"provider", name_}, {"reason", added.error().code}});
      });
  Work();
}

void ProviderTask::Work() {
  if (worker_ != nullptr || stopping_) return;
  broker::TaskQueue::WorkOptions options;
  options.lease = kLease;
  worker_ = context_.broker.tasks().Work(queue_, options,
                                         [this](broker::Task task) { OnTask(task); });
}

void ProviderTask::OnTask(const broker::Task& task) {
  if (stopping_ || ending_ || !task_id_.empty()) return;
  task_id_ = task.id;
  finished_ = false;
  ticked_at_ = ready_at_ = context_.control.now();
  base::LogInfo("fetcher", task.attempt > 1 ? "taking over a provider" : "starting a provider",
                {{"provider", name_}, {"attempt", task.attempt}});
  work_.Post([this, run = ++run_] { StartRun(run); });
}

void ProviderTask::StartRun(uint64_t run) {
  auto made = MakeRun(run);
  if (made) return;
  fetcher::ProviderStatus status;
  status.name = name_;
  status.state = fetcher::ProviderStatus::State::kFailed;
  status.detail = made.error().detail;
  base::LogError("fetcher", "provider cannot run", {{"provider", name_}, {"detail", status.detail}});
  context_.control.Post([this, run, status] { OnProvider(run, status); });
}

Result<void> ProviderTask::MakeRun(uint64_t run) {
  auto store = store::OpenStore(context_.config.database_url);
  if (!store) return Err(std::move(store.error()));
  // Others have intakes on the same database: this one knows its own trackers alone.
  ingest::IntakeScope scope;
  scope.producer = name_;
  scope.provider = name_;
  scope.on_reloaded = duty_.reloaded;
  auto made = ingest::MakePositionIntake(
      std::move(*store), context_.broker.outlet(), context_.clock, PositionLimits(context_.config),
      [this](const auto& clients, const auto& states) {
        if (duty_.registered) duty_.registered(clients, states);
        context_.broker.pub_sub().Publish(kTrackersChanged, name_);
      },
      std::move(scope));
  if (!made) return Err(std::move(made.error()));
  positions_ = std::move(*made);
  if (duty_.begin) duty_.begin(*positions_);
  if (!make_) return Ok();
  fetcher_ = std::make_unique<fetcher::Fetcher>(*positions_, context_.clock,
                                                fetcher::FetcherOptions{});
  fetcher_->Add(make_());
  fetcher_->Start([this, run](const fetcher::ProviderStatus& status) {
    context_.control.Post([this, run, status] { OnProvider(run, status); });
  });
  return Ok();
}

void ProviderTask::OnProvider(uint64_t run, const fetcher::ProviderStatus& status) {
  if (run != run_ || task_id_.empty()) return;
  using State = fetcher::ProviderStatus::State;
  if (status.state == State::kFinished) End(Ending::kFinish);
  if (status.state == State::kFailed) End(Ending::kRetry);
}

void ProviderTask::End(Ending how) {
  if (ending_) return;
  ending_ = true;
  work_.Post([this, how] {
    // In this order: what the provider brought is stored before another opens the store.
    fetcher_.reset();
    if (duty_.end) duty_.end();
    positions_.reset();
    context_.control.Post([this, how] { OnEnded(how); });
  });
}

void ProviderTask::OnEnded(Ending how) {
  ending_ = false;
  const std::string id = std::exchange(task_id_, {});
  finished_ = finished_ || how == Ending::kFinish;
  if (worker_ != nullptr && !id.empty() && how == Ending::kFinish) worker_->Finish(id);
  if (worker_ != nullptr && !id.empty() && how == Ending::kRetry) {
    worker_->Retry(id, kAfterFailure);
  }
  if (how == Ending::kGiveBack || stopping_) worker_.reset();
  if (stopping_ && on_stopped_) std::exchange(on_stopped_, nullptr)();
}

void ProviderTask::OnBreak() {
  if (stopping_ || finished_) return;
  added_ = false;
  // Who only waits leaves time to the one that runs it, which hears of this a little later perhaps.
  if (task_id_.empty()) {
    ask_at_ = context_.control.now() + kLease;
    return;
  }
  base::LogWarn("fetcher", "the broker has lost its tasks; asking for this provider again",
                {{"provider", name_}});
  End(Ending::kGiveBack);
}

void ProviderTask::Stop(std::function<void()> done) {
  stopping_ = true;
  on_stopped_ = std::move(done);
  tracker_news_.reset();
  tick_.Cancel();
  End(Ending::kGiveBack);
}

void ProviderTask::Tick() {
  tick_.Start(context_.control.timers(), kTick);
  const Steady::time_point now = context_.control.now();
  const bool stood_still = now - ticked_at_ > kDoubt;
  ticked_at_ = now;
  const bool ready = context_.broker.health().ready;
  if (ready) ready_at_ = now;
  const bool in_doubt = stood_still || now - ready_at_ > kDoubt;
  if (in_doubt && !task_id_.empty() && !ending_) {
    base::LogWarn("fetcher", "another fetcher may have this provider by now; stepping down",
                  {{"provider", name_}});
    return End(Ending::kGiveBack);
  }
  if (!ready || ending_ || finished_) return;
  if ((!added_ || worker_ == nullptr) && now >= ask_at_) AskForTask();
}

}  // namespace trackwire::gateway
