#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engineio/options.h"
#include "engineio/server_shard.h"
#include "engineio/session.h"
#include "net/http/server.h"

namespace trackwire::engineio {

/// An Engine.IO v4 server over any number of shards: mount it at options.path.
///
/// A session lives on the shard that opened it; its requests that arrive elsewhere are handed
/// over. Destroy it after the shards have stopped, before they are destroyed.
/// Spec: Engine.IO v4.
class Server final : public net::http::Handler {
 public:
  /// `accept` makes the program's end of each session. Shards must be indexed from 0 in order and
  /// outlive the server.
  Server(std::vector<net::Shard*> shards, Options options, AcceptFn accept);
  ~Server() override;

  const Options& options() const { return shared_.options; }
  /// On the shard's thread.
  const Counters& counters(net::Shard& shard) const;
  /// On the shard's thread: nothing when the session is gone.
  Session* Find(net::Shard& shard, uint32_t slot, uint32_t generation) const;
  /// Closes all sessions at a pace of `per_second` a second and shard (0: at once) and refuses
  /// new ones. Any thread; `done` runs once, on one of the shards' threads. A second call changes
  /// the pace and takes the place of the first.
  void Drain(uint32_t per_second, std::function<void()> done);

  net::http::Body OnRequest(const net::http::Exchange& exchange,
                            const net::http::Request& request) override;
  void OnBody(const net::http::Exchange& exchange, const net::http::Request& request,
              std::string body) override;
  void OnBodyTooLarge(const net::http::Exchange& exchange,
                      const net::http::Request& request) override;

 private:
  ServerShard& Of(net::Shard& shard) const;
  /// The session of a request, if it has one here.
  Session* FindSession(ServerShard& shard, std::string_view sid) const;
  /// Whether a WebSocket may be opened from its page; if not, it was answered.
  bool OriginAllowed(ServerShard& shard, const net::http::Exchange& exchange,
                     const net::http::Request& request) const;
  net::http::Body Handshake(ServerShard& shard, const net::http::Exchange& exchange,
                            const net::http::Request& request, const Target& target);
  net::http::Body Continue(ServerShard& shard, const net::http::Exchange& exchange,
                           const net::http::Request& request, const Target& target);
  /// The server whose session a request is for, if it is another one.
  std::optional<uint32_t> ForeignOwner(std::string_view sid) const;
  net::http::Body Elsewhere(ServerShard& shard, const net::http::Exchange& exchange,
                            const net::http::Request& request, uint32_t owner);
  void Forward(ServerShard& shard, const net::http::Exchange& exchange,
               const net::http::Request& request, uint32_t owner, std::string body,
               size_t announced);
  net::http::Body Post(ServerShard& shard, Session& session, const net::http::Exchange& exchange,
                       const net::http::Request& request);

  std::vector<net::Shard*> shards_;
  ServerShard::Shared shared_;
  std::vector<std::unique_ptr<ServerShard>> parts_;
};

}  // namespace trackwire::engineio
