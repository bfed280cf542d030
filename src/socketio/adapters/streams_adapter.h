#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "socketio/adapter.h"
#include "socketio/bus.h"
#include "socketio/msgpack.h"
#include "socketio/recovery.h"

namespace trackwire::socketio {

struct StreamsOptions {
  std::string stream = "socket.io";
  /// Streams the namespaces are spread over, `<stream>-<i>`; all servers must agree.
  uint32_t stream_count = 1;
  std::string channel_prefix = "socket.io";
  /// Requests and answers on sharded channels.
  bool sharded_channels = false;
  size_t max_length = 10'000;
  std::chrono::milliseconds request_timeout = std::chrono::seconds(5);
  /// Acknowledgements are never waited for longer on behalf of another server.
  std::chrono::milliseconds max_ack_timeout = std::chrono::minutes(5);
  /// Requests of others that are being answered at once; more are dropped and counted.
  size_t max_under_way = 10'000;
  MsgpackLimits limits;

  /// Connection state recovery, shared with the other servers of the cluster.
  bool recovery = false;
  std::string session_prefix = "sio:session:";
  /// How long a client may be away; a record lives at most twice as long.
  std::chrono::milliseconds max_disconnection = std::chrono::minutes(2);
  /// A client that missed more starts anew.
  size_t max_missed = 10'000;
};

/// What was counted on the bus's loop, beside the counters of each adapter.
struct StreamsCounters {
  uint64_t entries = 0;          ///< of the streams, own ones and those of other namespaces too
  uint64_t bad_entries = 0;      ///< that name no namespace
  uint64_t append_failures = 0;  ///< what the stream did not take
  uint64_t sessions_failed = 0;  ///< records that were not written
  uint64_t resumed = 0;
  uint64_t resume_refused = 0;
};

/// Speaks with Node servers that use `@socket.io/redis-streams-adapter` 0.3 and with its kin here:
/// one for all namespaces of a server that take part.
///
/// Broadcasts, joins, leaves and disconnections go through a stream, which all servers read in the
/// same order; requests and their answers go over channels.
///
/// With recovery, an entry's id is the offset of its event, and this server's own broadcasts reach
/// its own clients when they come back out of the stream, not when they were appended: only so
/// does each client get events in the order of their offsets, and "all after my offset" is just
/// what it missed. (The npm adapter delivers its own at once; a client there may get a later offset
/// before an earlier one, and then miss or repeat an event when it resumes.)
///
/// All on the bus's loop, but what is said otherwise. Outlives the adapters it made; destroy it
/// after the shards and the loop have stopped.
class StreamsCluster {
 public:
  StreamsCluster(Bus& bus, StreamLog& log, StreamsOptions options);
  ~StreamsCluster();

  /// For Server::UseAdapter(); one for a namespace. Any thread, before the server starts.
  std::unique_ptr<Adapter> MakeAdapter(Namespace& nsp);
  /// For Server::UseRecovery(), of a namespace that got its adapter; nullptr unless the options
  /// ask for it. Events then reach the clients by way of the stream only.
  Recovery* recovery(const std::string& nsp);
  const StreamsCounters& counters() const;
  /// This server's name in the cluster: 16 hex digits.
  const std::string& uid() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The stream a namespace uses.
std::string StreamOf(const std::string& nsp, const StreamsOptions& options);

}  // namespace trackwire::socketio
