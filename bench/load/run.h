#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "load/histogram.h"
#include "load/options.h"
#include "load/sequence.h"

namespace trackwire::bench {

/// The servers' memory with so many idle clients connected, and what it took to connect those
/// added since the sample before.
struct ConnectStep {
  size_t clients = 0;
  double seconds = 0;
  double cpu_us_per_handshake = 0;  ///< 0 when no server process is known
  int64_t rss_bytes = 0;            ///< 0 when no server process is known
};

/// What idle clients cost.
struct IdlePhase {
  double cpu_us_per_client_second = 0;  ///< heartbeats, mostly
  std::vector<int64_t> rss_bytes;       ///< about one a second, the first at the beginning
};

/// What it took to bring everybody back.
struct StormPhase {
  double seconds = 0;             ///< until all had joined and had what they missed
  double cpu_us_per_client = 0;   ///< 0 when no server process is known
  uint64_t recovered = 0;         ///< clients taken for those they were before
  uint64_t refused = 0;           ///< attempts that failed, and were made again
  uint64_t missed = 0;            ///< messages published while all were away
};

/// What a run measured. The figures of messages are those of the measured phase; faults and
/// losses those of the whole run.
struct RunResult {
  std::vector<ConnectStep> steps;
  uint64_t published = 0;
  uint64_t delivered = 0;
  double seconds = 0;  ///< from the beginning of publishing to the last delivery
  Histogram latency;
  DeliveryFaults faults;
  uint64_t lost_clients = 0;
  uint64_t lost_stalled = 0;  ///< of those that had stopped reading
  uint64_t uninvited = 0;     ///< messages from outside their receiver's box
  uint64_t other_events = 0;
  uint64_t requests = 0;
  std::optional<double> server_cpu_s;   ///< in the measured phase
  std::optional<double> server_user_s;  ///< the part of it outside the kernel, roughly
  std::optional<IdlePhase> idle;
  std::optional<StormPhase> storm;
  int64_t rss_bytes = 0;       ///< at the end; 0 when no server process is known
  int64_t peak_rss_bytes = 0;  ///< at any time
  double own_cpu_s = 0;                 ///< of this program, in the measured phase
  std::optional<std::string> failure;   ///< why the run broke off

  /// Everybody got everything once and in order, and nothing broke.
  bool is_exact() const {
    return faults.none() && lost_clients == 0 && uninvited == 0 && !failure;
  }
  /// Server memory per idle client between the first and the last step; nothing with one step.
  std::optional<double> BytesPerClient() const;
};

/// Runs the load that `options`, as checked by CheckOptions(), describe. Blocks for at most the
/// time the options allow plus that of connecting.
RunResult RunLoad(const Options& options);

}  // namespace trackwire::bench
