#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/clock.h"
#include "net/http/server_connection.h"
#include "net/shard.h"
#include "net/timer_wheel.h"
#include "net/unique_fd.h"
#include "socketio/server.h"

namespace trackwire::fuzz {

using namespace std::chrono_literals;  // NOLINT

/// A Socket.IO server on one shard without a thread: its turns come when told, its time moves when
/// told, its connections are pairs of sockets inside the process. Everything on one thread.
class HandDrivenServer {
 public:
  /// Small enough that a script of a few kilobytes reaches each of them.
  static constexpr size_t kMaxInputBytes = 100'000;
  static constexpr size_t kMaxQueued = 20'000;
  static constexpr size_t kMaxPayload = 2'000;
  static constexpr uint32_t kMaxSessions = 6;

  /// `prepare` sets the handlers.
  template <typename Prepare>
  explicit HandDrivenServer(Prepare prepare) : shard_(ShardOptions()) {
    socketio::Options options;
    options.engine.max_payload = kMaxPayload;
    options.engine.max_sessions = kMaxSessions;
    options.engine.packets_per_second = 100;
    options.engine.packet_burst = 100;
    options.max_unfinished = 4;
    options.max_attachments = 4;
    options.max_namespaces_per_client = 2;
    server_ = std::make_unique<socketio::Server>(std::vector<net::Shard*>{&shard_}, options);
    prepare(*server_);
    router_.Mount("/socket.io/", server_->handler());
    context_ = std::make_shared<const net::http::ServerContext>(
        net::http::ServerContext{&router_, net::http::ServerOptions{}});
  }
  /// Whatever is still open then ends with it.
  ~HandDrivenServer() { shard_.Stop(); }

  socketio::Server& server() { return *server_; }
  net::Shard& shard() { return shard_; }

  /// A new connection; the client's end of it.
  net::UniqueFd Connect() {
    int ends[2];
    CHECK(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
    const int buffer = 4096;
    ::setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    Do([this, end = ends[1]] {
      net::http::ServerConnection::Start(shard_, net::UniqueFd(end), {}, nullptr, context_,
                                        "192.0.2.1");
    });
    return net::UniqueFd(ends[0]);
  }

  /// Runs `work` on the shard, and what comes of it.
  template <typename Work>
  void Do(Work work) {
    shard_.Post(std::move(work));
    Settle();
  }

  /// Turns until nothing is left to do.
  void Settle() {
    int turns = 0;
    for (int idle = 0; idle < 2; ++turns) {
      idle = shard_.Poll() ? 0 : idle + 1;
      CHECK(turns < 10'000);  // else it keeps itself busy with nothing
    }
    CheckBounds();
  }

  /// In steps of a second, or as long as told.
  void Advance(std::chrono::milliseconds by, std::chrono::milliseconds step = 1s) {
    for (; by > 0ms; by -= step) {
      clock_.Advance(std::min(by, step));
      Settle();
    }
  }

  /// Once all clients have gone, and time enough after them: nothing of them is left.
  void CheckEmpty() {
    const net::ShardCounters& net = shard_.counters();
    CHECK(net.connections_open == 0 && net.connections_waiting == 0);
    CHECK(net.input_bytes == 0 && net.backlog_bytes == 0);
    const engineio::Counters& engine = server_->engine().counters(shard_);
    CHECK(engine.polling_sessions == 0 && engine.websocket_sessions == 0);
    const socketio::Counters& sockets = server_->counters(shard_);
    CHECK(sockets.sockets == 0 && sockets.unfinished == 0);
    CHECK(shard_.timers().armed() == 0);
  }

 private:
  net::Shard::Options ShardOptions() {
    net::Shard::Options options;
    options.max_connections = 8;
    options.max_waiting = 6;
    options.max_input_bytes = kMaxInputBytes;
    options.out.conflate_above_bytes = kMaxQueued / 4;
    options.out.max_bytes = kMaxQueued;
    options.clock = &clock_;
    return options;
  }

  void CheckBounds() {
    const net::ShardCounters& net = shard_.counters();
    CHECK(net.connections_open <= shard_.options().max_connections);
    CHECK(net.input_bytes <= kMaxInputBytes);
    const engineio::Counters& engine = server_->engine().counters(shard_);
    const uint64_t sessions = engine.polling_sessions + engine.websocket_sessions;
    CHECK(sessions <= kMaxSessions);
    // Pongs and the last answers are exempt from the limit; a closed session may have some left.
    CHECK(net.backlog_bytes <= (net.connections_open + sessions + 4) * (kMaxQueued + 20'000));
    const socketio::Counters& sockets = server_->counters(shard_);
    CHECK(sockets.unfinished <= 4 && sockets.sockets <= sessions * 2);
  }

  ManualClock clock_;
  net::Shard shard_;
  net::http::Router router_;
  std::shared_ptr<const net::http::ServerContext> context_;
  std::unique_ptr<socketio::Server> server_;
};

}  // namespace trackwire::fuzz
