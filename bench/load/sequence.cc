#include "load/sequence.h"

namespace trackwire::bench {

DeliveryFaults& DeliveryFaults::operator+=(const DeliveryFaults& other) {
  missing += other.missing;
  reordered += other.reordered;
  duplicated += other.duplicated;
  return *this;
}

SequenceChecker::SequenceChecker(size_t clients, size_t publishers)
    : publishers_(publishers), next_(clients * publishers) {}

uint64_t SequenceChecker::Observe(size_t client, size_t publisher, uint64_t sequence) {
  const size_t slot = Slot(client, publisher);
  uint64_t& next = next_[slot];
  if (sequence == next) {
    ++next;
    return 1;
  }
  if (sequence > next) {
    const uint64_t moved = sequence - next + 1;
    faults_.missing += moved - 1;
    gaps_[slot].push_back({next, sequence - 1});
    next = sequence + 1;
    return moved;
  }
  if (FillGap(slot, sequence)) {
    --faults_.missing;
    ++faults_.reordered;
  } else {
    ++faults_.duplicated;
  }
  return 0;
}

uint64_t SequenceChecker::next(size_t client, size_t publisher) const {
  return next_[Slot(client, publisher)];
}

void SequenceChecker::Finish(size_t client, size_t publisher, uint64_t published) {
  uint64_t& next = next_[Slot(client, publisher)];
  if (published <= next) return;
  faults_.missing += published - next;
  next = published;
}

bool SequenceChecker::FillGap(size_t slot, uint64_t sequence) {
  const auto found = gaps_.find(slot);
  if (found == gaps_.end()) return false;
  std::vector<Gap>& gaps = found->second;
  for (size_t i = 0; i < gaps.size(); ++i) {
    const Gap gap = gaps[i];
    if (sequence < gap.first || sequence > gap.last) continue;
    gaps.erase(gaps.begin() + static_cast<std::ptrdiff_t>(i));
    if (sequence > gap.first) gaps.push_back({gap.first, sequence - 1});
    if (sequence < gap.last) gaps.push_back({sequence + 1, gap.last});
    return true;
  }
  return false;
}

}  // namespace trackwire::bench
