#pragma once

#include <map>
#include <memory>
#include <string>

#include "broker/broker.h"
#include "gateway/board_loader.h"
#include "gateway/config.h"
#include "gateway/update_parts.h"
#include "net/loop.h"

namespace trackwire::gateway {

/// Takes the update requests that others announce on the broker, in a process that fetches: there
/// need not be a gateway of ours. Used from one thread, not the loop's.
class FetchUpdates {
 public:
  /// Reads which trackers there are (blocks). What is passed outlives it.
  static Result<std::unique_ptr<FetchUpdates>> Open(const Config& config, net::Loop& control,
                                                    broker::Broker& broker, const Clock& clock);
  /// Stops.
  ~FetchUpdates();
  FetchUpdates(const FetchUpdates&) = delete;
  FetchUpdates& operator=(const FetchUpdates&) = delete;

 private:
  explicit FetchUpdates(net::Loop& control) : control_(control) {}

  net::Loop& control_;
  // The loop's:
  std::map<tracking::Id, std::string> providers_;  ///< of each tracker
  std::unique_ptr<broker::PubSub::Subscription> news_;
  std::unique_ptr<ingest::BrokerUpdateDesk> desk_;

  std::unique_ptr<BoardLoader> loader_;
};

}  // namespace trackwire::gateway
