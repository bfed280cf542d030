#include "ledger.h"

#include <algorithm>

namespace trackwire::exact {

bool Ledger::IsOurs(std::string_view epoch) {
  if (epoch_.empty()) epoch_ = epoch;
  return epoch_ == epoch;
}

Ledger::Entry* Ledger::Find(const Event& event, Entry* previous) {
  if (previous != nullptr && previous->next != nullptr &&
      previous->next->offset == event.offset.place) {
    return previous->next;
  }
  const auto found = by_offset_.find(event.offset.place);
  return found == by_offset_.end() ? nullptr : found->second;
}

Ledger::Noted Ledger::Note(const Event& event, Entry* previous) {
  if (!IsOurs(event.offset.epoch)) return {Sight::kForeign, nullptr};
  Entry* entry = Find(event, previous);
  if (entry != nullptr) {
    if (entry->body != event.body) return {Sight::kAltered, nullptr};
  } else {
    const auto mark = FindMark(event.body);
    if (!mark || mark->content >= contents_ || mark->tracker >= trackers_) {
      return {Sight::kUnmarked, nullptr};
    }
    entries_.push_back({event.offset.place, *mark, std::string(event.body), nullptr});
    entry = &entries_.back();
    by_offset_.emplace(entry->offset, entry);
  }
  if (previous != nullptr) previous->next = entry;
  return {Sight::kKnown, entry};
}

std::vector<const Ledger::Entry*> Ledger::InOrder() const {
  std::vector<const Entry*> all;
  all.reserve(entries_.size());
  for (const Entry& entry : entries_) all.push_back(&entry);
  std::sort(all.begin(), all.end(),
            [](const Entry* a, const Entry* b) { return a->offset < b->offset; });
  return all;
}

}  // namespace trackwire::exact
