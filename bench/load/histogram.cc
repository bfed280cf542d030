#include "load/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace trackwire::bench {
namespace {

constexpr unsigned kSubBits = 6;
constexpr uint64_t kSubBuckets = uint64_t{1} << kSubBits;
constexpr size_t kBuckets = kSubBuckets * (64 - kSubBits + 1);

// Values below 64 have a bucket each; above, the leading six bits after the highest one choose.
size_t BucketOf(uint64_t value) {
  if (value < kSubBuckets) return value;
  const unsigned shift = std::bit_width(value) - 1 - kSubBits;
  return (shift + 1) * kSubBuckets + (value >> shift) - kSubBuckets;
}

uint64_t UpperEnd(size_t bucket) {
  if (bucket < kSubBuckets) return bucket;
  const unsigned shift = static_cast<unsigned>(bucket / kSubBuckets) - 1;
  const uint64_t start = (bucket % kSubBuckets + kSubBuckets) << shift;
  return start + (uint64_t{1} << shift) - 1;
}

}  // namespace

Histogram::Histogram() : buckets_(kBuckets) {}

void Histogram::Add(int64_t ns) {
  ns = std::max<int64_t>(ns, 0);
  ++buckets_[BucketOf(static_cast<uint64_t>(ns))];
  ++count_;
  max_ns_ = std::max(max_ns_, ns);
}

void Histogram::Merge(const Histogram& other) {
  for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ns_ = std::max(max_ns_, other.max_ns_);
}

int64_t Histogram::Quantile(double fraction) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  uint64_t seen = 0;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    seen += buckets_[i];
    if (seen >= std::max<uint64_t>(rank, 1)) {
      return static_cast<int64_t>(std::min(UpperEnd(i), static_cast<uint64_t>(max_ns_)));
    }
  }
  return max_ns_;
}

}  // namespace trackwire::bench
