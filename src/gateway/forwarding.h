#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "broker/pub_sub.h"
#include "engineio/forwarder.h"
#include "gateway/forward_config_keys.h"
#include "gateway/forward_seal.h"
#include "gateway/peers.h"
#include "net/http/server.h"
#include "net/http/upstream.h"
#include "net/shard.h"

namespace trackwire::gateway {

/// Sends requests of sessions that live on other gateways there, and takes theirs in.
///
/// Made before the shards start; see docs/design/forwarding.md.
class Forwarding final : public engineio::Forwarder {
 public:
  /// `shards` outlive it.
  Forwarding(InternalPlace place, std::vector<net::Shard*> shards,
             const net::http::Upstreams::Options& options);
  ~Forwarding() override;

  /// This gateway's number among the others.
  uint32_t number() const { return number_; }

  /// What to mount for clients in the place of `inner`: refuses those that claim to be gateways.
  net::http::Handler* MakeOutsideDoor(net::http::Handler* inner);
  /// Listens for other gateways, whose requests `path` gets to `inner`, and tells them of it.
  /// `loop` is the broker's. Not from a loop; waits a moment for the others to answer.
  Result<void> Start(const std::string& path, net::http::Handler* inner,
                     net::http::ServerOptions options, net::Loop& loop,
                     broker::PubSub& pub_sub);
  /// Tells the others that it is gone and takes no more of theirs. Not from a loop; before the
  /// broker ends and `inner` goes.
  void Stop();

  bool Knows(net::Shard& shard, uint32_t owner) const override;
  void Forward(const net::http::Exchange& exchange, const net::http::Request& request,
               uint32_t owner, Content content, Failed failed) override;

  /// On the shard's thread.
  const net::http::UpstreamCounters& counters(net::Shard& shard) const;
  /// The broker's loop: how many other gateways are known.
  size_t peer_count() const { return peers_ == nullptr ? 0 : peers_->table().size(); }
  /// Requests that claimed to be a gateway's and were not. Any thread.
  uint64_t forged() const { return forged_; }
  /// `10.0.0.1:9000`, once it has started.
  const std::string& told() const { return told_; }

 private:
  class Door;
  struct Part;

  void Tell(const PeerTable& table);
  /// Puts the client in the place of the gateway that sent its request, if one did.
  void Unseal(net::http::Request& request) const;

  const InternalPlace place_;
  const std::vector<net::Shard*> shards_;
  const uint32_t number_;
  const std::string key_;
  const ForwardSeal seal_;
  std::atomic<uint64_t> forged_{0};
  std::vector<std::unique_ptr<Part>> parts_;
  std::unique_ptr<Door> outside_;
  std::unique_ptr<Door> inside_;
  net::http::Router router_;
  std::unique_ptr<net::http::Server> http_;
  net::Loop* loop_ = nullptr;
  std::unique_ptr<Peers> peers_;
  std::string told_;
};

}  // namespace trackwire::gateway
