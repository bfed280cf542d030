#include "auth/password_pool.h"

#include <pthread.h>

#include <utility>

#include "net/guarded.h"

namespace trackwire::auth {

PasswordPool::PasswordPool(size_t threads, size_t max_waiting) : max_waiting_(max_waiting) {
  for (size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      ::pthread_setname_np(::pthread_self(), "password");
      Work();
    });
  }
}

PasswordPool::~PasswordPool() {
  {
    std::deque<Job> dropped;  // what they hold is let go of without the lock
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(waiting_);
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool PasswordPool::Submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_.size() >= max_waiting_) return false;
    waiting_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void PasswordPool::Work() {
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
      if (stopping_) return;
      job = std::move(waiting_.front());
      waiting_.pop_front();
    }
    net::Guarded("a password", [&job] { job(); });
  }
}

}  // namespace trackwire::auth
