#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trackwire::bench {

/// Counts durations in buckets that are at most 1/64 wide relative to their value, so that any
/// quantile is right within 1.6 % from one nanosecond to hours. About 30 kB. Thread-compatible.
class Histogram {
 public:
  Histogram();

  /// Negative durations count as zero.
  void Add(int64_t ns);
  void Merge(const Histogram& other);

  uint64_t count() const { return count_; }
  /// Exact; zero when nothing was added.
  int64_t max_ns() const { return max_ns_; }
  /// The upper end of the bucket that holds the quantile, at most max_ns(); zero when nothing was
  /// added. `fraction` is 0.5 for the median.
  int64_t Quantile(double fraction) const;

 private:
  std::vector<uint64_t> buckets_;
  uint64_t count_ = 0;
  int64_t max_ns_ = 0;
};

}  // namespace trackwire::bench
