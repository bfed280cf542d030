#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace trackwire::broker {

/// A piece of work that somebody has to do.
struct Task {
  std::string id;       ///< unique in its queue
  std::string key;      ///< of the subject, as given to Add(); may be empty
  std::string payload;  ///< opaque
  uint32_t attempt = 1;  ///< how many workers have had it, this one too
};

/// Queues of work, durable, each task done by one worker at a time.
///
/// At least once: a task whose worker died, or that was given back, goes to another; only Finish()
/// ends it. First come, first served, but for what was given back with a delay. Queues are named
/// (`update`, `geocoding`) and made by their first use.
class TaskQueue {
 public:
  struct Added {
    std::string id;
    bool joined = false;    ///< a task of that key waits or is under way: this is its id, nothing new
    uint64_t position = 0;  ///< how many are before it in the queue, those under way left out
  };
  struct WorkOptions {
    size_t max_at_once = 1;  ///< unfinished tasks handed to this worker
    /// After so long without a sign of life from its process a task goes to another worker.
    /// Signs of life are sent by the broker while the worker exists.
    std::chrono::milliseconds lease{10'000};
  };
  using Handler = std::function<void(Task)>;

  /// Takes tasks while it lives; on destruction, those not finished go back at once. The broker's
  /// loop.
  class Worker {
   public:
    virtual ~Worker() = default;
    /// Done, or given up for good: it ends. Without effect when the task went to another meanwhile
    /// (`done` tells; may be empty).
    virtual void Finish(const std::string& id, std::function<void(bool was_ours)> done = {}) = 0;
    /// Back into the queue, to be taken not before `delay` has passed.
    virtual void Retry(const std::string& id, std::chrono::milliseconds delay) = 0;
  };

  virtual ~TaskQueue() = default;
  /// Any thread; `done` on the broker's loop when the task is durable. `key` not empty: joins a task
  /// of the same key. Errors: `queue_full` (more than `max_waiting` wait), `unavailable`.
  virtual void Add(std::string queue, std::string key, std::string payload, size_t max_waiting,
                   std::function<void(Result<Added>)> done) = 0;
  /// The broker's loop; `handler` runs there.
  virtual std::unique_ptr<Worker> Work(std::string queue, WorkOptions options,
                                       Handler handler) = 0;
  /// Any thread; how many wait, those under way left out.
  virtual void CountWaiting(std::string queue, std::function<void(Result<uint64_t>)> done) = 0;
};

}  // namespace trackwire::broker
