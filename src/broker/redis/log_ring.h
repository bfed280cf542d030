#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "broker/notification_log.h"

namespace trackwire::broker {

/// The newest entries of a log that others write too, bounded in bytes. One thread at a time.
class LogRing {
 public:
  explicit LogRing(size_t max_bytes) : max_bytes_(max_bytes) {}

  /// Empty, and complete after `end`.
  void Restart(const LogOffset& end);
  /// At the end. In order, newer than all; what lies between them and the former end is no entry.
  void Add(LogEntryPtr entry);
  /// Through here the log has been looked at.
  void Reach(const LogOffset& end) { end_ = end; }
  /// At the front: entries in falling order, the newest that are missing. False when full, once for
  /// all: what was dropped from the front leaves no gap behind.
  bool AddOlder(const std::vector<LogEntryPtr>& falling);
  /// Older ones have been added down to here. Without effect once full.
  void Complete(const LogOffset& before) {
    if (!full_) before_ = before;
  }
  /// Forgets what expired.
  void DropThrough(const LogOffset& offset);

  /// All entries after this one are here.
  const LogOffset& before() const { return before_; }
  const LogOffset& end() const { return end_; }
  /// Entries after `after` up to `last`; nothing when some of them are not here.
  std::optional<std::vector<LogEntryPtr>> Read(const LogOffset& after, const LogOffset& last,
                                               size_t max_entries, size_t max_bytes) const;

 private:
  void DropFirst();

  const size_t max_bytes_;
  std::deque<LogEntryPtr> entries_;
  LogOffset before_;
  LogOffset end_;
  size_t bytes_ = 0;
  bool full_ = false;
};

}  // namespace trackwire::broker
