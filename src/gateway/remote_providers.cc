#include "gateway/remote_providers.h"

#include <algorithm>

#include "gateway/provider_options.h"
#include "gateway/version.h"

namespace trackwire::gateway {

Result<std::unique_ptr<RemoteProviders>> RemoteProviders::Open(const Config& config,
                                                               const Clock& clock) {
  std::unique_ptr<RemoteProviders> providers(new RemoteProviders);
  for (const ProviderConfig& provider : config.providers) {
    if (provider.is_replay()) continue;
    auto token = TokenOf(provider);
    if (!token) return Err(std::move(token.error()));
    auto connector = ConnectorOptionsOf(provider, *token, clock);
    if (!connector) return Err(std::move(connector.error()));
    providers->sources_.push_back({RunnerOptionsOf(provider), std::move(*connector)});
  }
  if (providers->sources_.empty()) return providers;
  outbound::HttpClientOptions options;
  options.user_agent = std::string("trackwire/") + Version();
  providers->fetcher_ = std::make_unique<fetcher::RemoteFetcher>(clock, options);
  return providers;
}

bool RemoteProviders::Has(const std::string& provider) const {
  return std::any_of(sources_.begin(), sources_.end(),
                     [&](const Source& source) { return source.name() == provider; });
}

std::shared_ptr<fetcher::RemoteRun> RemoteProviders::Run(const Source& source,
                                                         ingest::PositionIntake& intake) {
  return fetcher_->Run(source.runner, source.connector, intake);
}

api::ProviderSample SampleOf(const std::string& provider,
                             const fetcher::RunnerCounters& counters) {
  api::ProviderSample sample;
  sample.name = provider;
  sample.state = outbound::ToString(counters.breaker);
  sample.fetched = counters.fetched;
  sample.unchanged = counters.unchanged;
  sample.errors.assign(counters.errors.begin(), counters.errors.end());
  sample.retries = counters.retries;
  sample.limited = counters.limited;
  sample.opened = counters.opened;
  sample.fixes = counters.fixes;
  sample.unknown = counters.unknown;
  sample.bad = counters.bad;
  sample.listening = counters.listening;
  sample.trackers = counters.trackers;
  return sample;
}

}  // namespace trackwire::gateway
