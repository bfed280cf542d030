#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "broker/task_queue.h"
#include "net/loop.h"
#include "tests/support/await.h"

namespace trackwire::broker {

/// A worker of a test: keeps what it is handed until told. Any thread but the loop's.
class TestWorker {
 public:
  TestWorker(TaskQueue& tasks, net::Loop& loop, const std::string& queue,
             TaskQueue::WorkOptions options = {})
      : loop_(loop) {
    loop_.Run([&] {
      worker_ = tasks.Work(queue, options, [this](Task task) {
        const std::lock_guard lock(mutex_);
        taken_.push_back(std::move(task));
      });
    });
  }
  ~TestWorker() { Stop(); }
  void Stop() {
    loop_.Run([this] { worker_.reset(); });
  }

  /// Waits until it was handed `count` tasks in all.
  std::vector<Task> Taken(size_t count) {
    EXPECT_TRUE(test::Until([&] { return Now().size() >= count; }))
        << "got " << Now().size() << " of " << count;
    auto taken = Now();
    EXPECT_EQ(taken.size(), count);
    taken.resize(count);
    return taken;
  }
  std::vector<Task> Now() {
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  bool Finish(const std::string& id) {
    return test::Await<bool>([&](auto done) {
      loop_.Post([this, id, done] { worker_->Finish(id, done); });
    });
  }
  void Retry(const std::string& id, std::chrono::milliseconds delay) {
    loop_.Run([&] { worker_->Retry(id, delay); });
  }

 private:
  net::Loop& loop_;
  std::unique_ptr<TaskQueue::Worker> worker_;
  std::mutex mutex_;
  std::vector<Task> taken_;
};

inline Result<TaskQueue::Added> AddTask(TaskQueue& tasks, const std::string& queue,
                                        const std::string& key, const std::string& payload,
                                        size_t max_waiting = 1'000'000) {
  return test::Await<Result<TaskQueue::Added>>(
      [&](auto done) { tasks.Add(queue, key, payload, max_waiting, done); });
}

inline uint64_t CountWaiting(TaskQueue& tasks, const std::string& queue) {
  const auto count = test::Await<Result<uint64_t>>(
      [&](auto done) { tasks.CountWaiting(queue, done); });
  EXPECT_TRUE(count);
  return count ? *count : ~uint64_t{0};
}

inline std::vector<std::string> PayloadsOf(const std::vector<Task>& tasks) {
  std::vector<std::string> payloads;
  for (const Task& task : tasks) payloads.push_back(task.payload);
  return payloads;
}

}  // namespace trackwire::broker
