#pragma once

#include <list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "net/shard.h"
#include "socketio/namespace.h"
#include "socketio/namespace_registry.h"
#include "socketio/options.h"

namespace trackwire::socketio {

class Client;
class Parser;

/// What clients and namespaces of one shard share. Its thread only.
struct ShardPart {
  net::Shard& shard;
  const Options& options;
  NamespaceRegistry& registry;
  const Parser& parser;
  uint32_t max_unfinished;  ///< on this shard
  Counters counters{};
  /// Clients without a seat, oldest first.
  std::list<Client*> unfinished{};
  /// Namespaces that were made for clients and have some here.
  std::unordered_map<std::string_view, Namespace*> children{};

  /// Without a lock: nothing also for a child without clients here.
  Namespace* FindNamespace(std::string_view name) const {
    if (Namespace* fixed = registry.FindFixed(name)) return fixed;
    const auto child = children.find(name);
    return child == children.end() ? nullptr : child->second;
  }
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
