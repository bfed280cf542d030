#include "load/process_probe.h"

#include <unistd.h>

#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

namespace trackwire::bench {
namespace {

Unexpected<Error> Gone(pid_t pid) {
  return Err("no_process", "process " + std::to_string(pid) + " is gone or may not be read");
}

// The clock is the same count as utime + stime of /proc/PID/stat, in nanoseconds not ticks.
Result<int64_t> ReadCpu(pid_t pid) {
  clockid_t clock{};
  timespec used{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) != 0) return Gone(pid);
  return int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

Result<double> ReadUserSeconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  if (!std::getline(file, line)) return Gone(pid);
  // The name in parentheses may hold anything; utime is the twelfth field after it.
  std::istringstream fields(line.substr(line.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  double ticks = 0;
  if (!(fields >> ticks)) return Gone(pid);
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

// The value behind `name` in a file of /proc that counts in kilobytes.
Result<int64_t> ReadBytes(pid_t pid, const char* file_name, const char* name) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/" + file_name);
  std::string word;
  while (file >> word) {
    int64_t kilobytes = 0;
    if (word == name && file >> kilobytes) return kilobytes * 1024;
  }
  return Gone(pid);
}

}  // namespace

Result<Usage> ProcessProbe::Read() const {
  Usage total;
  for (const pid_t pid : pids_) {
    const Result<int64_t> cpu = ReadCpu(pid);
    const Result<double> user = ReadUserSeconds(pid);
    // Not from statm: its counters lag behind by up to 64 pages a thread.
    const Result<int64_t> rss = ReadBytes(pid, "smaps_rollup", "Rss:");
    if (!cpu) return Err(cpu.error());
    if (!user) return Err(user.error());
    if (!rss) return Err(rss.error());
    total.cpu_ns += *cpu;
    total.user_s += *user;
    total.rss_bytes += *rss;
  }
  return total;
}

Result<int64_t> ProcessProbe::ReadPeakBytes() const {
  int64_t sum = 0;
  for (const pid_t pid : pids_) {
    const Result<int64_t> peak = ReadBytes(pid, "status", "VmHWM:");
    if (!peak) return peak;
    sum += *peak;
  }
  return sum;
}

}  // namespace trackwire::bench
