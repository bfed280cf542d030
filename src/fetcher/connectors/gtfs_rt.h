#pragma once

#include "fetcher/connectors/exchanges.h"
#include "fetcher/connectors/options.h"

namespace trackwire::fetcher {

/// A GTFS-Realtime feed: one file that holds all vehicles, asked for when it has changed.
class GtfsRtConnector final : public Connector {
 public:
  GtfsRtConnector(const ConnectorOptions& options, outbound::HttpClient& client, net::Loop& loop);

  Abilities abilities() const override { return {.all = true, .one = true}; }
  void FetchAll(std::chrono::milliseconds timeout, Done done) override;
  /// Reads the whole feed for it.
  void FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                Done done) override;
  void Listen(Listener listener) override;

 private:
  outbound::HttpRequest Request(std::chrono::milliseconds timeout) const;

  const ConnectorOptions options_;
  Validators validators_;
  Exchanges exchanges_;
};

}  // namespace trackwire::fetcher
