#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "socketio/adapter.h"
#include "socketio/bus.h"

namespace trackwire::socketio {

struct PythonOptions {
  /// `socketio` unless told otherwise there; Flask-SocketIO's is `flask-socketio`.
  std::string channel = "socketio";
  size_t max_message_bytes = 16'000'000;
  /// How long clients are waited for when a Python program asks for acknowledgements.
  std::chrono::milliseconds callback_timeout = std::chrono::minutes(1);
  /// Events of Python programs whose acknowledgements are waited for at once; more are dropped and
  /// counted.
  size_t max_under_way = 10'000;
};

/// What was counted on the bus's loop, beside the counters of each adapter.
struct PythonCounters {
  uint64_t bad_messages = 0;
  uint64_t pickles = 0;  ///< refused unread
  /// What a program here asked of the others that the format cannot say.
  uint64_t unsupported = 0;
};

/// Speaks on the channel of python-socketio's managers (RedisManager, AsyncRedisManager, write-only
/// ones too): one for all namespaces of a server that take part.
///
/// Out: events, with acknowledgements when they go to exactly one room; joins, leaves and
/// disconnections of sockets named by their sids, which managers since 5.9 or so obey; the closing
/// of a room. (An event to several rooms at once is lost on the asynchronous manager of 5.7, which
/// fails on a list of them.) In: all of these. Nobody answers anybody else there, so FetchSockets()
/// fails with `unsupported` and serverSideEmit reaches nobody.
///
/// All on the bus's loop, but what is said otherwise. Outlives the adapters it made; destroy it
/// after the shards and the loop have stopped.
class PythonManager {
 public:
  PythonManager(Bus& bus, PythonOptions options);
  ~PythonManager();

  /// For Server::UseAdapter(); one for a namespace. Any thread, before the server starts.
  std::unique_ptr<Adapter> MakeAdapter(Namespace& nsp);
  const PythonCounters& counters() const;

 private:
  struct State;
  class Member;
  std::unique_ptr<State> state_;
};

}  // namespace trackwire::socketio
