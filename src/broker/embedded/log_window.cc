#include "broker/embedded/log_window.h"

#include <algorithm>

namespace trackwire::broker {
namespace {

// An entry costs more than its text: the shared block, the strings, the place in the deque.
constexpr size_t kOverheadBytes = 160;

size_t CostOf(const LogEntry& entry) { return entry.envelope.size() + kOverheadBytes; }

}  // namespace

void LogWindow::Add(const std::vector<LogEntryPtr>& entries) {
  for (const LogEntryPtr& entry : entries) {
    entries_.push_back(entry);
    bytes_ += CostOf(*entry);
    last_ = ToId(entry->offset);
  }
  while (bytes_ > max_bytes_ && !entries_.empty()) DropFirst();
}

void LogWindow::DropFirst() {
  before_ = ToId(entries_.front()->offset);
  bytes_ -= CostOf(*entries_.front());
  entries_.pop_front();
}

void LogWindow::DropThrough(LogId id) {
  while (!entries_.empty() && ToId(entries_.front()->offset) <= id) DropFirst();
}

std::optional<std::vector<LogEntryPtr>> LogWindow::Read(LogId after, LogId last,
                                                        size_t max_entries,
                                                        size_t max_bytes) const {
  if (after < before_) return std::nullopt;
  auto entry = std::upper_bound(
      entries_.begin(), entries_.end(), after,
      [](LogId id, const LogEntryPtr& candidate) { return id < ToId(candidate->offset); });
  std::vector<LogEntryPtr> found;
  size_t bytes = 0;
  for (; entry != entries_.end() && found.size() < max_entries; ++entry) {
    if (ToId((*entry)->offset) > last) break;
    if (!found.empty() && bytes + (*entry)->envelope.size() > max_bytes) break;
    bytes += (*entry)->envelope.size();
    found.push_back(*entry);
  }
  return found;
}

}  // namespace trackwire::broker
