#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "net/shard.h"
#include "socketio/namespace.h"
#include "socketio/options.h"

namespace trackwire::socketio {

using NamespaceMap =
    std::unordered_map<std::string, std::unique_ptr<Namespace>, StringHash, std::equal_to<>>;

class Client;

/// What clients and namespaces of one shard share. Its thread only.
struct ShardPart {
  net::Shard& shard;
  const Options& options;
  const NamespaceMap& namespaces;
  uint32_t max_unfinished;  ///< on this shard
  Counters counters{};
  /// Clients without a seat, oldest first.
  std::list<Client*> unfinished{};
};

/// Runs `task` on `shard`: at once when that is where we are, so that one thread's tasks keep
/// their order everywhere.
inline void RunOn(net::Shard& shard, net::Loop::Task task) {
  if (shard.InThread()) {
    task();
  } else {
    shard.Post(std::move(task));
  }
}

}  // namespace trackwire::socketio
