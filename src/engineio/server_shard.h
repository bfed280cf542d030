#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "engineio/cors.h"
#include "engineio/session.h"
#include "engineio/session_host.h"
#include "engineio/slab.h"
#include "engineio/websocket_transport.h"
#include "net/http/exchange.h"
#include "net/shard.h"
#include "net/timer.h"

namespace trackwire::engineio {

/// Makes the program's end of a new session. Shard threads.
using AcceptFn =
    std::function<std::unique_ptr<SessionListener>(Session&, const net::http::Request&)>;

/// The sessions of one shard. Its thread only.
class ServerShard final : public SessionHost {
 public:
  struct Shared {
    Options options;
    OriginPolicy origins;
    AcceptFn accept;
    size_t shards = 1;
    uint32_t max_sessions = 0;  ///< on this shard
  };

  /// `shared` must outlive it.
  ServerShard(net::Shard& shard, const Shared& shared);

  /// The session with this very id, while it can still be reached.
  Session* Find(const SessionId& id);
  /// Opens a polling session; the GET is answered with the open packet.
  void OpenPolling(const net::http::Exchange& exchange, const net::http::Request& request);
  void OpenWebSocket(const net::http::Exchange& exchange, const net::http::Request& request,
                     bool base64);
  /// A WebSocket for a session that exists.
  void OpenUpgrade(Session& session, const net::http::Exchange& exchange,
                   const net::http::Request& request, bool base64);
  void Refuse(const net::http::Exchange& exchange, const net::http::Request& request,
              RequestError error, std::string_view text = {});

  /// Answers 503: too many requests are on their way to other servers.
  void RefuseBusy(const net::http::Exchange& exchange, const net::http::Request& request);
  /// Whether a handshake has room; if not, it was answered.
  bool HasRoom(const net::http::Exchange& exchange, const net::http::Request& request);
  /// Closes all sessions, `per_second` of them a second (0: at once), and refuses new ones.
  void Drain(uint32_t per_second, std::function<void()> done);
  net::Shard& shard() { return shard_; }

  const Options& options() const override { return shared_.options; }
  Counters& counters() override { return counters_; }
  uint16_t shard_index() const override { return shard_.index(); }
  bool may_overtake() const override { return shared_.shards > 1 || options().owner != 0; }
  net::TimerWheel& timers() override { return shard_.timers(); }
  Steady::time_point now() const override { return shard_.now(); }
  net::OutQueue::Limits out_limits() const override { return shard_.out_limits(); }
  void RecountBacklog(size_t before, size_t after) override {
    shard_.counters().backlog_bytes += after;
    shard_.counters().backlog_bytes -= before;
  }
  void Defer(net::Loop::Task task) override { shard_.Post(std::move(task)); }
  Session* Find(uint32_t slot, uint32_t generation) override;
  void Retire(Session& session) override;
  void Answer(const net::http::Exchange& exchange, const net::http::Request& request,
              net::http::Response response) override;

 private:
  void Decorate(const net::http::Request& request, net::http::Headers& headers) const;
  std::unique_ptr<WebSocketTransport> Upgraded(const net::http::Exchange& exchange,
                                               const net::http::Request& request, bool base64);
  Session& Open(std::unique_ptr<Transport> transport, const net::http::Request& request);
  void TellRefused(const net::http::Request& request, RequestError error,
                   std::string_view message) const;
  void DrainSome();

  net::Shard& shard_;
  const Shared& shared_;
  Counters counters_;
  Slab<Session> sessions_;
  net::Timer drain_timer_;
  uint32_t drain_step_ = 0;
  std::chrono::milliseconds drain_pause_{};
  std::function<void()> drained_;
  bool draining_ = false;
};

}  // namespace trackwire::engineio
