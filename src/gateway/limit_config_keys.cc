#include "gateway/limit_config_keys.h"

#include "gateway/config_fields.h"

namespace trackwire::gateway {

std::vector<ConfigKey> LimitKeys() {
  return {
      IntegerKey(
          "limits.max_connections_per_address", &Config::limits_max_connections_per_address, 0,
          10'000'000,
          "connections that one address (of IPv6: one /64) may have at a time; 0: any number. "
          "Counts who connects to this port, but for http.trusted_proxies"),
      IntegerKey("limits.max_waiting_connections", &Config::limits_max_waiting_connections, 1,
                 10'000'000,
                 "connections without a whole request, between two requests too, shared out among "
                 "the shards; beyond, the one that has waited longest is closed"),
      IntegerKey("limits.max_unfinished_handshakes", &Config::limits_max_unfinished_handshakes, 1,
                 10'000'000,
                 "Socket.IO connections that have not joined a namespace, shared out among the "
                 "shards; beyond, the oldest of them is closed"),
      IntegerKey("limits.connect_timeout_ms", &Config::limits_connect_timeout_ms, 100, 600'000,
                 "milliseconds from the opening of a Socket.IO connection to its first namespace"),
      IntegerKey("limits.head_timeout_ms", &Config::limits_head_timeout_ms, 100, 600'000,
                 "milliseconds that the head of a request may take, and a new connection to begin "
                 "one"),
      IntegerKey("limits.stall_timeout_ms", &Config::limits_stall_timeout_ms, 100, 600'000,
                 "milliseconds without progress of a body, an answer or a message in portions"),
      IntegerKey("limits.min_bytes_per_second", &Config::limits_min_bytes_per_second, 0, 65'535,
                 "rate below which a body, an answer or a message in portions is ended, once "
                 "limits.stall_timeout_ms are over; 0: any rate will do"),
      IntegerKey("limits.max_input_bytes", &Config::limits_max_input_bytes, 1'000'000,
                 1'000'000'000'000,
                 "bytes of all requests and messages together that are not complete, shared out "
                 "among the shards; beyond, whoever needs more than 4096 bytes is refused"),
      IntegerKey("limits.max_total_backlog_bytes", &Config::limits_max_total_backlog_bytes,
                 1'000'000, 1'000'000'000'000,
                 "unsent bytes of all clients together, shared out among the shards; beyond, "
                 "limits.max_backlog_bytes shrinks to a client's fair share of it"),
  };
}

}  // namespace trackwire::gateway
