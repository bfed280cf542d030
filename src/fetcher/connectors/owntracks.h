#pragma once

#include "fetcher/connectors/exchanges.h"
#include "fetcher/connectors/options.h"

namespace trackwire::fetcher {

/// An OwnTracks Recorder: the newest message of each device. Ids are `user/device`.
class OwntracksConnector final : public Connector {
 public:
  OwntracksConnector(const ConnectorOptions& options, outbound::HttpClient& client,
                     net::Loop& loop);

  Abilities abilities() const override { return {.all = true, .one = true}; }
  void FetchAll(std::chrono::milliseconds timeout, Done done) override;
  void FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                Done done) override;
  void Listen(Listener listener) override;

 private:
  outbound::HttpRequest Request(const std::string& query, std::chrono::milliseconds timeout) const;

  const ConnectorOptions options_;
  Validators validators_;
  Exchanges exchanges_;
};

}  // namespace trackwire::fetcher
