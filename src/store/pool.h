#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/unique_function.h"

namespace trackwire::store {

/// Threads with a connection to the store each, for those who must not block.
///
/// Any thread may call Run(). Jobs are begun in their order; what is left at Stop() is dropped.
template <typename T>
class Pool {
 public:
  using Job = UniqueFunction<void(T&)>;

  /// One thread for each of `connections`; at most `max_waiting` jobs wait.
  Pool(std::vector<std::unique_ptr<T>> connections, size_t max_waiting)
      : connections_(std::move(connections)), max_waiting_(max_waiting) {
    for (auto& connection : connections_) {
      threads_.emplace_back([this, &held = *connection] { Work(held); });
    }
  }
  ~Pool() { Stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// False, and the job is dropped, when too many wait or the pool has stopped.
  bool Run(Job job) {
    {
      const std::lock_guard lock(mutex_);
      if (stopping_ || jobs_.size() >= max_waiting_) return false;
      jobs_.push_back(std::move(job));
    }
    wake_.notify_one();
    return true;
  }

  /// Waits for the jobs under way. Not from one of them. May be called twice.
  void Stop() {
    std::deque<Job> dropped;
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      dropped.swap(jobs_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  void Work(T& connection) {
    for (;;) {
      Job job;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job(connection);
    }
  }

  std::vector<std::unique_ptr<T>> connections_;
  const size_t max_waiting_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace trackwire::store
