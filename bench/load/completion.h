#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trackwire::bench {

/// Knows which messages of one publisher have reached all clients, so that the publisher can keep
/// a bounded number outstanding. Thread-compatible.
class Completion {
 public:
  /// At most `window` messages may be outstanding, else Count() stops the program.
  Completion(size_t window, size_t clients);

  /// One client has got, or for good skipped, message `sequence`.
  void Count(uint64_t sequence);

  /// A client is gone; `next` is the first message it did not count.
  void RemoveClient(uint64_t next);

  /// Every client is through with all messages below this number.
  uint64_t complete() const { return complete_; }

 private:
  uint32_t& At(uint64_t sequence) { return counts_[sequence % counts_.size()]; }
  void Advance();

  std::vector<uint32_t> counts_;
  size_t clients_;
  uint64_t complete_ = 0;
};

}  // namespace trackwire::bench
