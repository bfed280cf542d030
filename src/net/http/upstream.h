#pragma once

#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/unique_function.h"
#include "net/http/exchange.h"
#include "net/http/message.h"
#include "net/relay.h"
#include "net/unique_fd.h"

namespace trackwire::net {
class Shard;
}

namespace trackwire::net::http {

/// Where a server listens: an address, not a name.
struct UpstreamAddress {
  sockaddr_storage address{};
  socklen_t size = 0;

  /// `10.0.0.1:80` or `[::1]:80`.
  static std::optional<UpstreamAddress> Parse(const std::string& host, uint16_t port);
};

/// What was asked of other servers on one shard. A plain value, read on the shard's thread.
struct UpstreamCounters {
  uint64_t asked = 0;        ///< requests, WebSockets too
  uint64_t websockets = 0;   ///< that were joined
  uint64_t failed = 0;       ///< no answer, or none that can be handed on
  uint64_t refused = 0;      ///< there were as many as may be
  uint64_t aborted = 0;      ///< the client went away first
  uint64_t open = 0;         ///< now: unanswered requests and joined WebSockets
  uint64_t connections = 0;  ///< now: idle ones too

  void Add(const UpstreamCounters& other);
};

/// Asks other servers in the place of clients, on one shard: connections to each server are kept
/// and used again, a request waits for its answer alone on one, and an answered WebSocket opening
/// becomes a Relay.
///
/// The shard's thread only. What is under way when it is destroyed must not run on: destroy it
/// after the shard has stopped.
class Upstreams {
 public:
  enum class Failure : uint8_t {
    kUnreachable,  ///< it does not answer, or not so that it can be handed on
    kBusy,         ///< as many requests as allowed wait for it, or the shard is full
  };
  struct Options {
    uint32_t max_open = 10'000;  ///< unanswered requests and WebSockets, of one server
    uint32_t max_idle = 256;     ///< connections kept for one server
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(2);
    /// From the request to the end of its answer.
    std::chrono::milliseconds answer_timeout = std::chrono::seconds(50);
    /// Shorter than the other side's, so that none is used that is about to end.
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(30);
    size_t max_answer_bytes = 10'000'000;
    Relay::Options relay;
  };
  /// One request, ready to be sent.
  struct Ask {
    uint64_t server = 0;  ///< names the server; one address each
    UpstreamAddress address;
    std::string wire;       ///< head and body
    bool websocket = false;  ///< 101 is an answer
  };

  Upstreams(Shard& shard, const Options& options);
  ~Upstreams();
  Upstreams(const Upstreams&) = delete;
  Upstreams& operator=(const Upstreams&) = delete;

  /// Answers `exchange` with what the server answers, or calls `failed` while it is still alive,
  /// now or later. When the client goes away the connection to the server is closed.
  void Send(Ask ask, const Exchange& exchange, UniqueFunction<void(Failure)> failed);
  /// Closes what is idle and asks that server no more; what is under way goes on.
  void Forget(uint64_t server);

  const UpstreamCounters& counters() const { return counters_; }

 private:
  class Line;
  friend class Line;
  struct Place {
    uint32_t slot = 0;
    uint32_t generation = 0;
  };
  struct Server {
    uint32_t open = 0;
    std::vector<Place> idle;  ///< the latest last
  };

  Line* TakeIdle(Server& server);
  Line* Adopt(UniqueFd socket, uint64_t server);
  Line* Find(const Place& place);
  void Keep(Line& line);
  void Drop(const Line& idle);
  void Done(uint64_t server);

  Shard& shard_;
  const Options options_;
  UpstreamCounters counters_;
  std::map<uint64_t, Server> servers_;
};

}  // namespace trackwire::net::http
