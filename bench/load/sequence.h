#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace trackwire::bench {

/// How the deliveries of a run differ from "each message once and in order".
struct DeliveryFaults {
  uint64_t missing = 0;     ///< never came
  uint64_t reordered = 0;   ///< came after a later one
  uint64_t duplicated = 0;  ///< came more than once

  bool none() const { return missing == 0 && reordered == 0 && duplicated == 0; }
  DeliveryFaults& operator+=(const DeliveryFaults& other);
  bool operator==(const DeliveryFaults&) const = default;
};

/// Checks, for each client and publisher, that the sequence numbers 0, 1, 2, ... arrive once and
/// in order. While they do it costs eight bytes per client and publisher. Thread-compatible.
class SequenceChecker {
 public:
  SequenceChecker(size_t clients, size_t publishers);

  /// Returns how far this message moves the client on: 1 when it was the one expected, more when
  /// it skips some (which may still come late), 0 when it is late or a duplicate.
  uint64_t Observe(size_t client, size_t publisher, uint64_t sequence);

  /// The number this client expects next from this publisher.
  uint64_t next(size_t client, size_t publisher) const;

  /// Adds what a client still misses of the `published` first messages; once per client and
  /// publisher, at the end.
  void Finish(size_t client, size_t publisher, uint64_t published);

  const DeliveryFaults& faults() const { return faults_; }

 private:
  /// Numbers skipped and not yet come: first .. last.
  struct Gap {
    uint64_t first;
    uint64_t last;
  };

  size_t Slot(size_t client, size_t publisher) const { return client * publishers_ + publisher; }
  bool FillGap(size_t slot, uint64_t sequence);

  size_t publishers_;
  std::vector<uint64_t> next_;
  std::unordered_map<size_t, std::vector<Gap>> gaps_;
  DeliveryFaults faults_;
};

}  // namespace trackwire::bench
