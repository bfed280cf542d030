#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_function.h"
#include "socketio/socket.h"

namespace trackwire::socketio {

/// Which sockets of a namespace: those in any of `rooms` (all when there are none) that are in none
/// of `except`. A socket's own sid is a room too.
struct SocketFilter {
  std::vector<std::string> rooms;
  std::vector<std::string> except;
};

/// A socket as other servers see it. JSON texts are objects.
struct RemoteSocket {
  std::string sid;
  /// As the npm server tells it: headers, time, address, xdomain, secure, issued, url, query, auth.
  std::string handshake_json = "{}";
  std::vector<std::string> rooms;  ///< its own, called as its sid, too
  std::string data_json = "{}";    ///< Socket::shared_data()
};

/// What came of a broadcast that asks for acknowledgements. Each answer is what a client
/// acknowledged with; of clients of npm servers only the first argument is known.
struct BroadcastAcks {
  std::vector<Args> answers;
  uint64_t expected = 0;   ///< clients that were asked, as far as known
  bool timed_out = false;  ///< some did not answer in time, or went before they did
};

/// What came of a serverSideEmit that asks for answers, one JSON value a server.
struct ServerAnswers {
  std::vector<std::string> answers;
  bool timed_out = false;
};

/// Answers a serverSideEmit with one JSON value. Any thread; only the first call counts. Empty when
/// no answer is wanted.
using ServerSideAnswer = std::function<void(std::string json)>;
/// Hears what another server of the cluster says. `args_json` is the array of the arguments without
/// the event's name, borrowed during the call.
using ServerSideHandler = std::function<void(std::string_view args_json, ServerSideAnswer answer)>;

}  // namespace trackwire::socketio
