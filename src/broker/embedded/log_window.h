#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include "broker/embedded/log_id.h"

namespace trackwire::broker {

/// The newest entries of the log, in memory and bounded in bytes. Belongs to the broker's loop.
class LogWindow {
 public:
  /// Entries up to `start` are not here, only in the file.
  LogWindow(LogId start, size_t max_bytes) : before_(start), last_(start), max_bytes_(max_bytes) {}

  /// Entries in order, all newer than those here.
  void Add(const std::vector<LogEntryPtr>& entries);
  /// Forgets what the log has expired.
  void DropThrough(LogId id);
  /// Entries after `after` up to `last`; nothing when some of them are no longer in memory.
  std::optional<std::vector<LogEntryPtr>> Read(LogId after, LogId last, size_t max_entries,
                                               size_t max_bytes) const;
  LogId last() const { return last_; }

 private:
  void DropFirst();

  std::deque<LogEntryPtr> entries_;
  LogId before_;  ///< all entries after this one are here
  LogId last_;
  size_t bytes_ = 0;
  size_t max_bytes_;
};

}  // namespace trackwire::broker
