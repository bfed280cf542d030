#include "broker/redis/log_ring.h"

#include <algorithm>
#include <utility>

namespace trackwire::broker {
namespace {

// An entry costs more than its text: the shared block, the strings, the place in the deque.
constexpr size_t kOverheadBytes = 192;

size_t CostOf(const LogEntry& entry) { return entry.envelope.size() + kOverheadBytes; }

}  // namespace

void LogRing::Restart(const LogOffset& end) {
  entries_.clear();
  bytes_ = 0;
  full_ = false;
  before_ = end;
  end_ = end;
}

void LogRing::Add(LogEntryPtr entry) {
  bytes_ += CostOf(*entry);
  end_ = entry->offset;
  entries_.push_back(std::move(entry));
  while (bytes_ > max_bytes_ && !entries_.empty()) {
    full_ = true;
    DropFirst();
  }
}

bool LogRing::AddOlder(const std::vector<LogEntryPtr>& falling) {
  for (const LogEntryPtr& entry : falling) {
    if (!full_ && bytes_ + CostOf(*entry) > max_bytes_) {
      before_ = entry->offset;
      full_ = true;
    }
    if (full_) return false;
    bytes_ += CostOf(*entry);
    entries_.push_front(entry);
  }
  return !full_;
}

void LogRing::DropFirst() {
  before_ = entries_.front()->offset;
  bytes_ -= CostOf(*entries_.front());
  entries_.pop_front();
}

void LogRing::DropThrough(const LogOffset& offset) {
  while (!entries_.empty() && !(offset < entries_.front()->offset)) DropFirst();
  if (before_ < offset) before_ = offset;
}

std::optional<std::vector<LogEntryPtr>> LogRing::Read(const LogOffset& after,
                                                      const LogOffset& last, size_t max_entries,
                                                      size_t max_bytes) const {
  if (after < before_) return std::nullopt;
  auto entry = std::upper_bound(entries_.begin(), entries_.end(), after,
                                [](const LogOffset& offset, const LogEntryPtr& candidate) {
                                  return offset < candidate->offset;
                                });
  std::vector<LogEntryPtr> found;
  size_t bytes = 0;
  for (; entry != entries_.end() && found.size() < max_entries; ++entry) {
    if (last < (*entry)->offset) break;
    if (!found.empty() && bytes + (*entry)->envelope.size() > max_bytes) break;
    bytes += (*entry)->envelope.size();
    found.push_back(*entry);
  }
  return found;
}

}  // namespace trackwire::broker
