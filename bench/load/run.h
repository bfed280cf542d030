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
  uint64_t other_events = 0;
  uint64_t requests = 0;
  std::optional<double> server_cpu_s;   ///< in the measured phase
  std::optional<double> server_user_s;  ///< the part of it outside the kernel, roughly
  double own_cpu_s = 0;                 ///< of this program, in the measured phase
  std::optional<std::string> failure;   ///< why the run broke off

  /// Everybody got everything once and in order, and nothing broke.
  bool is_exact() const { return faults.none() && lost_clients == 0 && !failure; }
  /// Server memory per idle client between the first and the last step; nothing with one step.
  std::optional<double> BytesPerClient() const;
};

/// Runs the load that `options`, as checked by CheckOptions(), describe. Blocks for at most the
/// time the options allow plus that of connecting.
RunResult RunLoad(const Options& options);

}  // namespace trackwire::bench
