#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "base/result.h"

namespace trackwire::bench {

/// What processes have used up to now, added up.
struct Usage {
  int64_t cpu_ns = 0;     ///< user and system time of all threads, also of those that ended
  double user_s = 0;      ///< the user part, in clock ticks of 10 ms
  int64_t rss_bytes = 0;  ///< resident memory
};

/// Reads what the servers under test consume. Does not disturb them.
class ProcessProbe {
 public:
  explicit ProcessProbe(std::vector<pid_t> pids) : pids_(std::move(pids)) {}

  bool is_empty() const { return pids_.empty(); }
  /// Fails when one of the processes is gone.
  /// Source: clock_getcpuclockid(3), /proc/PID/stat, /proc/PID/smaps_rollup.
  Result<Usage> Read() const;
  /// The most memory that each was resident with at any time, added up. Source: VmHWM of
  /// /proc/PID/status.
  Result<int64_t> ReadPeakBytes() const;

 private:
  std::vector<pid_t> pids_;
};

}  // namespace trackwire::bench
