#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "broker/inlet.h"

namespace trackwire::broker {

/// A place in the log: entries of one epoch are ordered by time and sequence. Written as
/// `<epoch>.<ms>-<seq>`; the epoch is random and changes only when the log itself was lost.
struct LogOffset {
  std::string epoch;
  uint64_t ms = 0;
  uint64_t seq = 0;

  std::string ToString() const;
  static std::optional<LogOffset> Parse(std::string_view text);
  bool SameEpoch(const LogOffset& other) const { return epoch == other.epoch; }
  /// Order within one epoch.
  friend bool operator<(const LogOffset& a, const LogOffset& b) {
    return a.ms != b.ms ? a.ms < b.ms : a.seq < b.seq;
  }
  friend bool operator==(const LogOffset&, const LogOffset&) = default;
};

/// A stored notification: the envelope as it was accepted, byte for byte.
struct LogEntry {
  LogOffset offset;
  std::string envelope;
  Steady::time_point accepted_at;  ///< of this process; zero when read back from storage
};
using LogEntryPtr = std::shared_ptr<const LogEntry>;

struct AppendRequest {
  std::string envelope;         ///< validated JSON
  std::string idempotency_key;  ///< empty: none; the same key within the expiry is stored once
  Steady::time_point accepted_at;
  InletTicket ticket = {};  ///< of what an Inlet brought
};

struct Appended {
  LogOffset offset;
  bool duplicate = false;  ///< the key was known: the offset is that of the first
};

/// Where notifications are handed over to be told: the log itself, or what leads to it.
class NotificationSink {
 public:
  using AppendDone = std::function<void(Result<std::vector<Appended>>)>;

  virtual ~NotificationSink() = default;
  /// Any thread. All are stored or none; `done` runs once they are durable, on the broker's loop.
  /// Those of one call, and of calls of one thread, keep their order.
  /// Fails with code `queue_full` at once when too much waits, `unavailable` when storage fails; a
  /// link that breaks meanwhile is no failure, storing is tried again without storing twice. A sink
  /// that only leads to the log may answer with empty offsets.
  virtual void Append(std::vector<AppendRequest> requests, AppendDone done) = 0;
};

/// The one truth of what was notified: durable, ordered, expiring.
///
/// Delivery: an entry is handed to every tail once, in the order of its offset, after it is
/// durable (survives kill -9).
class NotificationLog : public NotificationSink {
 public:
  using TailFn = std::function<void(const std::vector<LogEntryPtr>&)>;
  using ReadDone = std::function<void(Result<std::vector<LogEntryPtr>>)>;

  /// The broker's loop. From now on `tail` gets every new entry, in batches, on the broker's loop.
  virtual void Tail(TailFn tail) = 0;
  /// The broker's loop. Entries after `after` up to and including `last`, at most `max_entries`
  /// and about `max_bytes`; fails with `trimmed` when some of them are no longer kept, `epoch`
  /// when `after` is of another log or beyond its end (an offset that another process gave and this
  /// one's tail has not reached yet is waited for). `done` runs before this returns when the
  /// entries are in memory, else later on the same loop.
  virtual void Read(const LogOffset& after, const LogOffset& last, size_t max_entries,
                    size_t max_bytes, ReadDone done) = 0;
  /// The broker's loop. The offset of the last entry handed to tails (of the epoch's start when
  /// there is none).
  virtual LogOffset tail_offset() const = 0;
  /// The broker's loop. `on_break` runs when entries were lost to the tails: the log is another one
  /// now, or what this process missed has been trimmed. Who relied on the tail starts anew.
  virtual void OnBreak(std::function<void()> on_break) = 0;
};

}  // namespace trackwire::broker
