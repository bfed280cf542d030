#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace trackwire::base {

/// Counts durations in buckets that double from 64 us to 16 s. One thread owns it; copies are
/// added up by whoever reports.
class LatencyHistogram {
 public:
  static constexpr int kBuckets = 19;

  void Record(std::chrono::nanoseconds latency);
  void Add(const LatencyHistogram& other);
  uint64_t count() const { return count_; }
  double sum_seconds() const { return sum_seconds_; }
  uint64_t bucket(int index) const { return buckets_[static_cast<size_t>(index)]; }
  /// Upper bound of a bucket in seconds; the last has none.
  static double BoundSeconds(int index);

 private:
  std::array<uint64_t, kBuckets + 1> buckets_{};
  uint64_t count_ = 0;
  double sum_seconds_ = 0;
};

/// Writes the Prometheus text exposition format 0.0.4.
class MetricsText {
 public:
  /// Starts a family: HELP and TYPE lines. `type` is counter, gauge or histogram.
  void Family(std::string_view name, std::string_view type, std::string_view help);
  /// One sample; `labels` like `transport="polling"`, already escaped, may be empty.
  void Sample(std::string_view name, std::string_view labels, double value);
  void Histogram(std::string_view name, const LatencyHistogram& histogram);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace trackwire::base
