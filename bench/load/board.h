#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace trackwire::bench {

/// What the workers of a run and the thread that leads it tell each other. Any thread.
///
/// Counters are atomics on cache lines of their own: with one worker nothing contends. The mutex
/// guards only the rare news (a step done, an error) that the leading thread sleeps on.
class Board {
 public:
  Board(size_t workers, size_t publishers);

  /// Messages of a publisher handed to the server so far; raised before they are.
  std::atomic<uint64_t>& published(size_t publisher) { return publishers_[publisher].published; }
  /// Whether the publisher is through with the present phase.
  std::atomic<bool>& finished(size_t publisher) { return publishers_[publisher].finished; }
  bool AllFinished() const;

  /// All clients of one worker have the publisher's messages below this number.
  std::atomic<uint64_t>& complete(size_t worker, size_t publisher) {
    return progress_[worker * publishers_.size() + publisher].complete;
  }
  /// All clients have the publisher's messages below this number.
  uint64_t CompleteEverywhere(size_t publisher) const;

  /// Clears finished() and the marks of MarkDone().
  void BeginPhase();
  /// A worker has done its part of the present phase. Idempotent.
  void MarkDone(size_t worker);
  /// Keeps the first error of a run and wakes the leading thread.
  void Fail(const std::string& reason);

  /// Waits until every worker has called MarkDone(), something failed, or time is up. Returns
  /// whether all are done.
  bool AwaitDone(std::chrono::nanoseconds limit);
  std::optional<std::string> failure() const;

 private:
  static constexpr size_t kCacheLine = 64;
  struct alignas(kCacheLine) PublisherState {
    std::atomic<uint64_t> published = 0;
    std::atomic<bool> finished = true;
  };
  struct alignas(kCacheLine) Progress {
    std::atomic<uint64_t> complete = 0;
  };

  std::vector<PublisherState> publishers_;
  std::vector<Progress> progress_;
  size_t workers_;
  mutable std::mutex mutex_;
  std::condition_variable news_;
  std::vector<bool> done_;
  std::optional<std::string> failure_;
};

}  // namespace trackwire::bench
