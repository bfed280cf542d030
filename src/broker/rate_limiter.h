#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace trackwire::broker {

/// How a bucket fills. `per_second` of zero or less: no limit.
struct BucketRule {
  double per_second = 0;
  double burst = 1;  ///< what a full one holds; less than one counts as one
};

/// What one act takes out of one bucket.
struct BucketCharge {
  std::string key;  ///< of at most some hundred bytes; the same key always with the same rule
  BucketRule rule;
  /// More than the burst counts as the burst; less than zero puts back, up to a full bucket.
  double cost = 1;
};

struct Verdict {
  bool allowed = true;
  /// When the same would be allowed if nobody else took anything meanwhile; zero when allowed.
  std::chrono::milliseconds retry_after{0};
};

/// Token buckets that all processes of a deployment share.
///
/// A bucket is full until something is taken out of it, fills evenly, and is forgotten once it is
/// full again. While the others cannot be reached each process decides by buckets of its own, at
/// once: never an error, never a wait. Any thread.
class RateLimiter {
 public:
  using Done = std::function<void(Verdict)>;

  virtual ~RateLimiter() = default;
  /// Takes from all buckets, or from none when one of them has too little: then `retry_after` is
  /// that of the slowest. Atomic. `done` runs before this returns when the answer is at hand (there
  /// is one process, or the others are away), else on the broker's loop.
  virtual void TakeAll(std::vector<BucketCharge> charges, Done done) = 0;
  void Take(std::string key, BucketRule rule, double cost, Done done) {
    TakeAll({{std::move(key), rule, cost}}, std::move(done));
  }
  /// Verdicts given without asking the others, though there may be some.
  virtual uint64_t decided_alone() const { return 0; }
};

}  // namespace trackwire::broker
