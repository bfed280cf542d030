#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "socketio/namespace_registry.h"
#include "socketio/shard_part.h"

namespace trackwire::socketio {

class Client;

/// One CONNECT to a namespace that may have to be made first. The client may go meanwhile.
///
/// The shard's thread only, but for the answers of matchers.
class NamespaceJoin : public std::enable_shared_from_this<NamespaceJoin> {
 public:
  NamespaceJoin(Client& client, ShardPart& part, std::string_view name,
                std::unique_ptr<Handshake> handshake);

  /// The client hears of its end through Client::Joined() or Client::NotJoined(), maybe at once.
  void Start();
  /// The client is gone.
  void Abandon() { client_ = nullptr; }
  const std::string& name() const { return name_; }
  std::unique_ptr<Handshake> TakeHandshake() { return std::move(handshake_); }

 private:
  /// Asks the parents, from the one with this index on.
  void Ask(size_t index);
  void Make(ParentNamespace& parent);
  /// Runs `task` on the shard, unless the client is gone by then.
  void OnShard(std::function<void()> task);
  void Refuse(const char* why);
  NamespaceRegistry::Made OnMade();

  Client* client_;
  ShardPart& part_;
  const std::string name_;
  std::unique_ptr<Handshake> handshake_;
};

}  // namespace trackwire::socketio
