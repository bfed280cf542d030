// Requests for an immediate position: where they are left, and who works on them.
#include "gateway/parts.h"
#include "gateway/update_parts.h"

namespace trackwire::gateway {

ingest::BrokerUpdateDesk::Options UpdateOptionsOf(const Config& config) {
  ingest::BrokerUpdateDesk::Options options;
  options.deadline = std::chrono::seconds(config.updates_deadline_s);
  options.max_waiting = static_cast<size_t>(config.updates_max_waiting);
  options.external = config.updates_fetcher == "external";
  return options;
}

void UpdateWorkers::Add(const std::string& provider,
                        std::shared_ptr<ingest::UpdateSource> source) {
  sources_[provider] = std::move(source);
}

void UpdateWorkers::Start(net::Loop& control, broker::Broker& broker, const Clock& clock) {
  for (const auto& [provider, source] : sources_) {
    workers_[provider] =
        std::make_unique<ingest::UpdateWorker>(control, broker, clock, provider, *source);
  }
}

void UpdateWorkers::Stop() { workers_.clear(); }

void Gateway::Parts::MakeUpdates() {
  auto options = UpdateOptionsOf(config);
  options.find = [this](const tracking::Id& id) -> std::optional<ingest::BrokerUpdateDesk::Target> {
    const tracking::Tracker* tracker = board.Find(id);
    if (tracker == nullptr) return std::nullopt;
    return ingest::BrokerUpdateDesk::Target{tracker->provider};
  };
  // Beside Redis, fetchers alone know what they run.
  if (!config.shares_redis()) {
    options.runs = [this](const std::string& provider) { return update_workers.Runs(provider); };
  }
  updates = std::make_unique<ingest::BrokerUpdateDesk>(control, *broker, broker->log(), clock,
                                                       std::move(options));
}

Result<void> Gateway::Parts::OpenRemote() {
  if (config.shares_redis()) return Ok();
  auto opened = RemoteProviders::Open(config, clock);
  if (!opened) return Err(std::move(opened.error()));
  remote = std::move(*opened);
  return Ok();
}

void Gateway::Parts::StartRemote() {
  if (remote == nullptr) return;
  control.Run([this] {
    for (const RemoteProviders::Source& source : remote->sources()) {
      auto run = remote->Run(source, *positions);
      run->Follow(remote_trackers);
      update_workers.Add(source.name(), run);
      remote_runs.push_back(std::move(run));
    }
    remote_trackers.clear();
  });
}

void Gateway::Parts::FollowRemote(const std::vector<tracking::TrackerState>& states) {
  if (remote == nullptr) return;
  for (const auto& run : remote_runs) run->Follow(states);
  if (!remote_runs.empty()) return;
  for (const tracking::TrackerState& state : states) {
    if (remote->Has(state.tracker.provider)) remote_trackers.push_back(state);
  }
}

void Gateway::Parts::StopRemote() {
  if (remote == nullptr) return;
  std::vector<std::shared_ptr<fetcher::RemoteRun>> runs;
  control.Run([&] { runs.swap(remote_runs); });
  for (const auto& run : runs) run->Stop();
}

void Gateway::Parts::StartUpdates() {
  control.Run([this] {
    update_workers.Start(control, *broker, clock);
    updates->Start();
  });
}

void Gateway::Parts::StopUpdates() {
  if (updates == nullptr) return;
  control.Run([this] {
    update_workers.Stop();
    updates->Stop();
  });
}

}  // namespace trackwire::gateway
