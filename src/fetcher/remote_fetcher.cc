#include "fetcher/remote_fetcher.h"

#include <utility>

namespace trackwire::fetcher {

/// The runner is the loop's.
struct RemoteRun::State {
  explicit State(net::Loop& on) : loop(on) {}

  net::Loop& loop;
  std::unique_ptr<ConnectorRunner> runner;
  bool stopped = false;  ///< who calls Stop() knows it
};

RemoteRun::~RemoteRun() { Stop(); }

void RemoteRun::Stop() {
  if (state_->stopped) return;
  state_->stopped = true;
  state_->loop.Run([this] {
    state_->runner->Stop();
    state_->runner.reset();
  });
}

namespace {

std::vector<tracking::Tracker> TrackersOf(const std::vector<tracking::TrackerState>& states) {
  std::vector<tracking::Tracker> trackers;
  for (const tracking::TrackerState& state : states) trackers.push_back(state.tracker);
  return trackers;
}

}  // namespace

void RemoteRun::Replace(const std::vector<tracking::TrackerState>& states) {
  state_->loop.Post([state = state_, trackers = TrackersOf(states)] {
    if (state->runner) state->runner->Replace(trackers);
  });
}

void RemoteRun::Follow(const std::vector<tracking::TrackerState>& states) {
  auto trackers = TrackersOf(states);
  if (trackers.empty()) return;
  state_->loop.Post([state = state_, trackers = std::move(trackers)] {
    if (state->runner) state->runner->Follow(trackers);
  });
}

void RemoteRun::Forget(std::vector<tracking::Id> trackers) {
  if (trackers.empty()) return;
  state_->loop.Post([state = state_, trackers = std::move(trackers)] {
    if (state->runner) state->runner->Forget(trackers);
  });
}

void RemoteRun::Ask(ingest::UpdateRequest request, ingest::UpdateSource::Done done) {
  state_->loop.Post([state = state_, request = std::move(request), done = std::move(done)] {
    if (state->runner) return state->runner->Ask(request, done);
    done({ingest::UpdateStatus::kFailed, "cancelled", {}});
  });
}

void RemoteRun::Counters(std::function<void(RunnerCounters)> done) {
  state_->loop.Post([state = state_, done = std::move(done)] {
    done(state->runner ? state->runner->counters() : RunnerCounters());
  });
}

RemoteFetcher::RemoteFetcher(const Clock& clock, const outbound::HttpClientOptions& options)
    : clock_(clock) {
  loop_.Start();
  loop_.Run([&] { client_ = outbound::MakeHttpClient(loop_, options); });
}

RemoteFetcher::~RemoteFetcher() {
  loop_.Run([this] { client_.reset(); });
  loop_.Stop();
}

std::shared_ptr<RemoteRun> RemoteFetcher::Run(const RunnerOptions& options,
                                              const ConnectorOptions& connector,
                                              ingest::PositionIntake& intake) {
  auto state = std::make_shared<RemoteRun::State>(loop_);
  loop_.Run([&] {
    const ConnectorRunner::Context context{
        loop_.timers(), clock_, intake,
        [&loop = loop_](net::Loop::Task task) { loop.Post(std::move(task)); }};
    state->runner = std::make_unique<ConnectorRunner>(context, options,
                                                      MakeConnector(connector, *client_, loop_));
    state->runner->Start();
  });
  return std::shared_ptr<RemoteRun>(new RemoteRun(options.provider, std::move(state)));
}

}  // namespace trackwire::fetcher
