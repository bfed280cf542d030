#pragma once

#include <cstddef>
#include <cstdint>

namespace trackwire::bench {

enum class Mode {
  kRate,       ///< so many messages a second, on a fixed schedule
  kSaturated,  ///< always a bounded number outstanding
};

/// What one publisher does in one phase of a run. Times are steady-clock nanoseconds.
struct Plan {
  Mode mode = Mode::kRate;
  double messages_per_second = 10;  ///< of this publisher; kRate only
  size_t window = 128;              ///< messages outstanding at most
  size_t batch = 1;                 ///< messages handed over at a time
  uint64_t max_messages = 0;        ///< stop after so many; 0: by time alone
  int64_t start_ns = 0;
  int64_t duration_ns = 0;
};

/// Says when a publisher sends how many messages. Thread-compatible; no I/O.
class Pacer {
 public:
  /// Nothing is planned: IsFinished() holds.
  Pacer() = default;
  /// `already_sent` counts what the phases before this one sent.
  Pacer(const Plan& plan, uint64_t already_sent);

  /// How many messages to hand over now, given that all below number `complete` have arrived
  /// everywhere. Rate: what is due by the schedule. Saturated: a whole batch or nothing, so that
  /// the server has many messages in one turn.
  size_t Due(int64_t now_ns, uint64_t complete) const;

  /// Counts `n` messages as handed over and returns the time they are measured from, for the first
  /// of them: the schedule's in rate mode (so that a stall is seen in the latency of all messages
  /// that had to wait), `now_ns` in saturated mode. For the i-th add i * interval_ns().
  int64_t Sent(size_t n, int64_t now_ns);

  /// Between two messages of the schedule; 0 in saturated mode.
  int64_t interval_ns() const { return interval_ns_; }
  /// When Due() may next be more than 0 without any delivery; -1 when only a delivery helps.
  int64_t NextDue_ns() const;
  bool IsFinished(int64_t now_ns) const;
  /// Ends the phase now.
  void Stop();

 private:
  uint64_t Remaining() const;

  Plan plan_;
  uint64_t already_sent_ = 0;
  uint64_t sent_ = 0;
  uint64_t limit_ = 0;  ///< messages of this phase; 0 means none are planned
  int64_t interval_ns_ = 0;
};

}  // namespace trackwire::bench
