#pragma once

#include <memory>
#include <string>
#include <vector>

#include "api/update_metrics.h"
#include "base/clock.h"
#include "base/result.h"
#include "fetcher/remote_fetcher.h"
#include "gateway/config.h"

namespace trackwire::gateway {

/// The sources in the network that the configuration names, ready to be set to work.
class RemoteProviders {
 public:
  struct Source {
    fetcher::RunnerOptions runner;
    fetcher::ConnectorOptions connector;
    const std::string& name() const { return runner.provider; }
  };

  /// Reads tokens (blocks). Errors: `bad_config`. `clock` outlives it. Makes no thread when there
  /// are no sources.
  static Result<std::unique_ptr<RemoteProviders>> Open(const Config& config, const Clock& clock);

  const std::vector<Source>& sources() const { return sources_; }
  bool Has(const std::string& provider) const;
  /// Sets one to work. As RemoteFetcher::Run().
  std::shared_ptr<fetcher::RemoteRun> Run(const Source& source, ingest::PositionIntake& intake);

 private:
  RemoteProviders() = default;

  std::vector<Source> sources_;
  std::unique_ptr<fetcher::RemoteFetcher> fetcher_;
};

/// What the metrics say of a run.
api::ProviderSample SampleOf(const std::string& provider, const fetcher::RunnerCounters& counters);

}  // namespace trackwire::gateway
