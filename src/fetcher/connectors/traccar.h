#pragma once

#include <map>
#include <memory>
#include <vector>

#include "fetcher/connectors/exchanges.h"
#include "fetcher/connectors/options.h"
#include "fetcher/connectors/traccar_devices.h"
#include "net/timer.h"
#include "outbound/websocket_client.h"

namespace trackwire::fetcher {

/// A Traccar server: its socket as the feed, REST for all at once, the command `positionSingle` for
/// one. Ids are the devices' unique ids.
class TraccarConnector final : public Connector {
 public:
  TraccarConnector(const ConnectorOptions& options, outbound::HttpClient& client, net::Loop& loop);
  ~TraccarConnector() override;

  Abilities abilities() const override {
    return {.all = true, .one = true, .listens = true, .locates = true};
  }
  void FetchAll(std::chrono::milliseconds timeout, Done done) override;
  /// Done when a position has come that the server did not have before it sent the command: by the
  /// socket, or asked for again and again. `no_fix` when none has, `unsupported` when the server
  /// refuses the command.
  void FetchOne(const std::string& external_id, std::chrono::milliseconds timeout,
                Done done) override;
  void Listen(Listener listener) override;

 private:
  /// One device that was asked where it is.
  struct Search;
  using SearchRef = std::shared_ptr<Search>;
  using OnNews = std::function<void(Result<formats::TraccarNews, FetchError>)>;
  using Reader = Result<formats::TraccarNews> (*)(std::string_view);

  const TraccarOptions& server() const { return std::get<TraccarOptions>(options_.kind); }
  outbound::HttpRequest Request(const std::string& path, std::chrono::milliseconds timeout) const;
  void Ask(const std::string& path, std::chrono::milliseconds timeout, Reader reader, OnNews done);
  Fetched Named(formats::TraccarNews news) const;

  void FindDevice(const SearchRef& search);
  void NoteLast(const SearchRef& search);
  void SendCommand(const SearchRef& search);
  void Poll(const SearchRef& search);
  /// Whether the positions hold what is searched; ends it then.
  bool Take(const SearchRef& search, const std::vector<formats::TraccarPosition>& positions);
  void End(const SearchRef& search, Result<Fetched, FetchError> outcome);

  void OnMessage(std::string_view text);
  void OnPositions(formats::TraccarNews news);
  void LearnDevices();

  const ConnectorOptions options_;
  net::Loop& loop_;
  TraccarDevices devices_;
  std::vector<SearchRef> searches_;
  Listener listener_;
  std::unique_ptr<outbound::WebSocketClient> socket_;
  std::vector<formats::TraccarPosition> unnamed_;  // of devices that are being asked for
  bool learning_ = false;
  Steady::time_point learn_again_at_{};  // a device that is never told of must not keep us asking
  Exchanges exchanges_;
};

}  // namespace trackwire::fetcher
