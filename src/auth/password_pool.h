#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "base/unique_function.h"

namespace trackwire::auth {

/// A few threads for work that takes a core and much memory, such as passwords. Never more at a time
/// than there are threads, and what waits is bounded: a flood of logins costs others nothing.
class PasswordPool {
 public:
  using Job = UniqueFunction<void()>;

  PasswordPool(size_t threads, size_t max_waiting);
  /// Waits for the jobs that run; those that wait are destroyed unrun.
  ~PasswordPool();
  PasswordPool(const PasswordPool&) = delete;
  PasswordPool& operator=(const PasswordPool&) = delete;

  /// Any thread. False when too many wait; the job is destroyed.
  bool Submit(Job job);

 private:
  void Work();

  const size_t max_waiting_;
  std::mutex mutex_;  // guards what follows; held for moments, beside jobs of milliseconds
  std::condition_variable wake_;
  std::deque<Job> waiting_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace trackwire::auth
