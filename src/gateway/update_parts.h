#pragma once

#include <map>
#include <memory>
#include <string>

#include "gateway/config.h"
#include "ingest/broker_update_desk.h"
#include "ingest/update_worker.h"

namespace trackwire::gateway {

/// What the configuration says about requests for an immediate position.
ingest::BrokerUpdateDesk::Options UpdateOptionsOf(const Config& config);

/// Whom to ask about the trackers of each provider that runs in this process, with who takes the
/// requests. Made and changed before Start(); then the broker's loop has it.
class UpdateWorkers {
 public:
  void Add(const std::string& provider, std::shared_ptr<ingest::UpdateSource> source);
  bool Runs(const std::string& provider) const { return sources_.contains(provider); }
  void Start(net::Loop& control, broker::Broker& broker, const Clock& clock);
  /// Gives back what is under way; Start() may follow.
  void Stop();

 private:
  std::map<std::string, std::shared_ptr<ingest::UpdateSource>> sources_;
  std::map<std::string, std::unique_ptr<ingest::UpdateWorker>> workers_;
};

}  // namespace trackwire::gateway
