#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/pacer.h"
#include "wire/address.h"
#include "wire/tls.h"

namespace trackwire::bench {

enum class PublishWay {
  kNone,   ///< only connect and wait
  kEvent,  ///< a client emits `broadcast`
  kHttp,   ///< POST /api/notifications
  kRedis,  ///< into the Redis that the server listens to
};

/// What of Redis a publisher writes to.
enum class RedisWay {
  kChannel,  ///< PUBLISH: whoever listens gets it
  kInbox,    ///< XADD: kept until a gateway has taken it
};

/// What one run does. Times are seconds where not said otherwise.
struct Options {
  std::string target = "http://127.0.0.1:8080";  ///< or some, with commas between
  std::string path = "/socket.io/";
  std::string cookie;        ///< sent with each handshake
  std::string cookie_file;   ///< or the lines of a file: client n sends number n modulo their number
  std::string client_token;  ///< in the auth object of each CONNECT
  std::string token;         ///< Bearer token of the HTTP publishers
  bool recovery = true;      ///< take part in connection state recovery
  size_t clients = 100;
  size_t threads = 1;
  size_t connecting = 64;  ///< handshakes under way at a time, per thread
  size_t stalled = 0;      ///< of the clients, how many stop reading when publishing begins
  double box_degrees = 0;  ///< each client looks at a box of this size; 0: at everything
  size_t rooms = 0;        ///< each client subscribes to so many trackers; 0: to none
  PublishWay publish = PublishWay::kNone;
  std::string redis;  ///< of kRedis: unix:///path or 127.0.0.1:PORT
  RedisWay redis_way = RedisWay::kChannel;
  Mode mode = Mode::kRate;
  size_t publishers = 1;
  double rate = 10;     ///< messages a second, all publishers together
  size_t window = 128;  ///< messages outstanding per publisher, at most
  size_t batch = 16;    ///< messages in one request or one write
  uint64_t count = 0;   ///< messages per publisher and phase; 0: by time alone
  size_t payload_bytes = 250;
  size_t trackers = 1000;
  std::string event = "tracker_location_updated";
  double warmup = 1;
  double duration = 5;
  double drain = 10;    ///< wait for the last deliveries at most so long
  double settle = 0.5;  ///< rest before memory is measured
  bool storm = false;   ///< at the end all connections break and all clients come back
  size_t returning = 0; ///< handshakes then under way at a time, per thread; 0: all
  uint64_t missed = 0;  ///< messages per publisher while they are away
  std::vector<pid_t> server_pids;
  std::vector<size_t> memory_at;  ///< client counts at which to measure memory, rising
  bool json = false;

  // Filled in by CheckOptions().
  LoopbackAddress address;  ///< of the first target
  std::vector<LoopbackAddress> addresses;  ///< client n connects to number n modulo their number
  std::vector<std::string> cookies;        ///< as many as there are different ones
  TlsContext tls;                          ///< nullptr without TLS
  LoopbackAddress redis_address;           ///< unless redis_path is set
  std::string redis_path;

  bool subscribes() const { return box_degrees > 0 || rooms > 0; }
};

/// Checks what a command line said and resolves the target. The error's detail names the flag.
Result<Options> CheckOptions(Options options);

/// Open files a run needs at most.
size_t FilesNeeded(const Options& options);

}  // namespace trackwire::bench
