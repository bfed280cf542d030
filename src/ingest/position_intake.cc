#include "ingest/position_intake.h"

#include <utility>

#include "ingest/intake_worker.h"

namespace trackwire::ingest {
namespace {

class ThreadedIntake final : public PositionIntake {
 public:
  explicit ThreadedIntake(std::shared_ptr<IntakeWorker> worker) : worker_(std::move(worker)) {
    worker_->loop().Start();
    worker_->loop().Post([worker = worker_] { worker->Begin(); });
  }
  ~ThreadedIntake() override {
    worker_->loop().Run([this] { worker_->End(); });
    worker_->loop().Stop();
  }

  void Register(std::vector<tracking::Client> clients, std::vector<tracking::Tracker> trackers,
                std::function<void(Result<void>)> done) override {
    worker_->loop().Post([worker = worker_, clients = std::move(clients),
                          trackers = std::move(trackers), done = std::move(done)]() mutable {
      auto result = worker->Register(std::move(clients), std::move(trackers));
      if (done) done(std::move(result));
    });
  }

  void Edit(tracking::Id id, tracking::TrackerEdit edit,
            std::function<void(Result<tracking::Tracker>)> done) override {
    worker_->loop().Post([worker = worker_, id = std::move(id), edit = std::move(edit),
                          done = std::move(done)] { done(worker->Edit(id, edit)); });
  }

  void Change(StoreJob job, StoreThen then) override {
    worker_->loop().Post([worker = worker_, job = std::move(job), then = std::move(then)] {
      then(worker->Change(job));
    });
  }

  void Reload() override {
    worker_->loop().Post([worker = worker_] { worker->ReloadSoon(); });
  }

  bool Offer(std::vector<FixReport> fixes, std::function<void()> done) override {
    return worker_->Enqueue({std::move(fixes), std::move(done)});
  }

  void Take(std::vector<FixReport> fixes, std::function<void()> done) override {
    auto refused = done;
    if (worker_->Enqueue({std::move(fixes), std::move(done)}) || !refused) return;
    // Refused, counted: the caller is answered all the same, or it would wait for ever.
    worker_->loop().Post([refused = std::move(refused)] { refused(); });
  }

  void ProviderState(const std::string& provider, bool reachable) override {
    worker_->loop().Post([worker = worker_, provider, reachable] {
      worker->SetProvider(provider, reachable);
    });
  }

  void Counters(std::function<void(IntakeCounters)> done) override {
    worker_->loop().Post([worker = worker_, done = std::move(done)] {
      done(worker->counters());
    });
  }

 private:
  std::shared_ptr<IntakeWorker> worker_;
};

}  // namespace

Result<std::unique_ptr<PositionIntake>> MakePositionIntake(std::unique_ptr<store::Store> store,
                                                           broker::NotificationSink& sink,
                                                           const Clock& clock,
                                                           IntakeLimits limits,
                                                           OnRegistered on_registered,
                                                           IntakeScope scope) {
  auto worker = std::make_shared<IntakeWorker>(std::move(store), sink, clock, limits,
                                               std::move(on_registered), std::move(scope));
  if (auto loaded = worker->Load(); !loaded) return Err(std::move(loaded.error()));
  return std::unique_ptr<PositionIntake>(std::make_unique<ThreadedIntake>(std::move(worker)));
}

}  // namespace trackwire::ingest
