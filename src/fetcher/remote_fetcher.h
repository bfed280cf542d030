#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "fetcher/connector_runner.h"
#include "fetcher/connectors/options.h"
#include "net/loop.h"
#include "outbound/http_client.h"

namespace trackwire::fetcher {

/// One source in the network at work, on the loop of its RemoteFetcher. Any thread.
class RemoteRun final : public ingest::UpdateSource {
 public:
  /// Stops.
  ~RemoteRun() override;

  /// Trackers that are new or other than before, of any provider.
  void Follow(const std::vector<tracking::TrackerState>& states);
  void Forget(std::vector<tracking::Id> trackers);
  /// All there are: who is not named is forgotten.
  void Replace(const std::vector<tracking::TrackerState>& states);
  void Ask(ingest::UpdateRequest request, ingest::UpdateSource::Done done) override;
  /// `done` on the fetcher's loop; not called once it has stopped.
  void Counters(std::function<void(RunnerCounters)> done);
  const std::string& provider() const { return provider_; }
  /// Not from the fetcher's loop: when it returns, the intake is not used any more. What people
  /// wait for is `cancelled`. May be called twice.
  void Stop();

 private:
  friend class RemoteFetcher;
  struct State;
  RemoteRun(std::string provider, std::shared_ptr<State> state)
      : provider_(std::move(provider)), state_(std::move(state)) {}

  const std::string provider_;
  const std::shared_ptr<State> state_;
};

/// All sources in the network that run in one process: one thread and one pool of connections.
class RemoteFetcher {
 public:
  /// `clock` outlives it.
  RemoteFetcher(const Clock& clock, const outbound::HttpClientOptions& options);
  /// After its runs.
  ~RemoteFetcher();
  RemoteFetcher(const RemoteFetcher&) = delete;
  RemoteFetcher& operator=(const RemoteFetcher&) = delete;

  /// Not from its loop. Begins to ask; `connector` has passed CheckConnectorOptions(). `intake`
  /// outlives the run, or is there until it has stopped.
  std::shared_ptr<RemoteRun> Run(const RunnerOptions& options, const ConnectorOptions& connector,
                                 ingest::PositionIntake& intake);

 private:
  const Clock& clock_;
  net::Loop loop_{"remote"};
  std::unique_ptr<outbound::HttpClient> client_;
};

}  // namespace trackwire::fetcher
