#include "gateway/provider_duty.h"

#include <mutex>
#include <utility>

#include "fetcher/recorded_updates.h"

namespace trackwire::gateway {
namespace {

using States = std::vector<tracking::TrackerState>;

/// The worker is the broker's loop's; that loop still runs when a duty ends.
class UpdateDuty {
 public:
  UpdateDuty(const ProviderTask::Context& context, std::string provider)
      : context_(context), provider_(std::move(provider)) {}

  void Begin(ingest::UpdateSource& source) {
    context_.control.Run([&] {
      worker_ = std::make_unique<ingest::UpdateWorker>(context_.control, context_.broker,
                                                       context_.clock, provider_, source);
    });
  }
  /// What is under way goes to whoever has the provider next.
  void End() {
    context_.control.Run([this] { worker_.reset(); });
  }

 private:
  const ProviderTask::Context context_;
  const std::string provider_;
  std::unique_ptr<ingest::UpdateWorker> worker_;
};

class Remote {
 public:
  Remote(const ProviderTask::Context& context, RemoteProviders& providers,
         const RemoteProviders::Source& source)
      : providers_(providers), source_(source), updates_(context, source.name()) {}

  void Begin(ingest::PositionIntake& intake) {
    auto run = providers_.Run(source_, intake);
    {
      const std::lock_guard lock(mutex_);
      run->Replace(early_);
      early_.clear();
      run_ = run;
    }
    // Last: who is asked for at once must not be unknown.
    updates_.Begin(*run);
  }
  void End() {
    std::shared_ptr<fetcher::RemoteRun> run;
    {
      const std::lock_guard lock(mutex_);
      run.swap(run_);
      early_.clear();
    }
    updates_.End();
    if (run) run->Stop();
  }
  void Follow(const States& states) {
    const std::lock_guard lock(mutex_);
    if (run_) return run_->Follow(states);
    early_.insert(early_.end(), states.begin(), states.end());
  }
  void Replace(const States& states) {
    const std::lock_guard lock(mutex_);
    if (run_) return run_->Replace(states);
    early_ = states;
  }

 private:
  RemoteProviders& providers_;
  const RemoteProviders::Source& source_;
  UpdateDuty updates_;
  // The intake tells of trackers on its own thread, also while a run begins or ends.
  std::mutex mutex_;
  std::shared_ptr<fetcher::RemoteRun> run_;
  States early_;
};

}  // namespace

ProviderTask::Duty RemoteDuty(const ProviderTask::Context& context, RemoteProviders& providers,
                              const RemoteProviders::Source& source) {
  auto remote = std::make_shared<Remote>(context, providers, source);
  ProviderTask::Duty duty;
  duty.begin = [remote](ingest::PositionIntake& intake) { remote->Begin(intake); };
  duty.end = [remote] { remote->End(); };
  duty.registered = [remote](const auto&, const States& states) { remote->Follow(states); };
  duty.reloaded = [remote](const auto&, const States& states) { remote->Replace(states); };
  return duty;
}

ProviderTask::Duty ReplayDuty(const ProviderTask::Context& context, const std::string& provider) {
  auto updates = std::make_shared<UpdateDuty>(context, provider);
  auto source = std::make_shared<fetcher::RecordedUpdates>();
  ProviderTask::Duty duty;
  duty.begin = [updates, source](ingest::PositionIntake&) { updates->Begin(*source); };
  duty.end = [updates, source] { updates->End(); };
  return duty;
}

}  // namespace trackwire::gateway
