#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cluster/redis_bus.h"
#include "socketio/adapters/python_manager.h"
#include "socketio/adapters/streams_adapter.h"
#include "socketio/server.h"

namespace trackwire::cluster_example {

/// The languages that servers of a cluster speak with each other here.
const std::vector<std::string>& AdapterNames();

/// Makes the adapters of a server's namespaces, and keeps what they share. Outlives the server's
/// shards and the bus's loop.
class Adapters {
 public:
  /// `name` is one of AdapterNames(); `prefix` (empty: the usual one) begins all channels' names.
  Adapters(std::string name, std::string prefix, bool recovery);

  void Use(socketio::Server& server, socketio::Namespace& nsp, cluster::RedisBus& bus);

 private:
  const std::string name_;
  const std::string prefix_;
  const bool recovery_;
  std::unique_ptr<socketio::StreamsCluster> streams_;
  std::unique_ptr<socketio::PythonManager> python_;
};

}  // namespace trackwire::cluster_example
