#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "broker/embedded/task_journal.h"
#include "broker/task_queue.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::broker {

/// All queues of this process: who waits, who works on what. Belongs to the broker's loop.
///
/// A task is handed to a worker once the journal has counted the attempt, so that one that kills
/// the process is known for it afterwards.
class TaskBoard : public std::enable_shared_from_this<TaskBoard> {
 public:
  /// Hands a change to the journal; false when it takes no more.
  using Journalling = std::function<bool(TaskChange&)>;
  using AddDone = std::function<void(Result<TaskQueue::Added>)>;

  TaskBoard(net::Loop& loop, const Clock& clock, Journalling journal);
  /// From the journal, at the start: all of them wait.
  void Load(std::vector<TaskRow> rows);

  void Add(std::string queue, std::string key, std::string payload, size_t max_waiting,
           AddDone done);
  uint64_t CountWaiting(const std::string& queue) const;

  using WorkerNo = uint64_t;
  WorkerNo AddWorker(std::string queue, size_t max_at_once, TaskQueue::Handler handler);
  void RemoveWorker(WorkerNo worker);
  void Finish(WorkerNo worker, const std::string& id, std::function<void(bool)> done);
  void Retry(WorkerNo worker, const std::string& id, std::chrono::milliseconds delay);

 private:
  enum class State : uint8_t { kAdding, kWaiting, kDelayed, kTaken };
  struct Item {
    TaskRow row;
    State state = State::kAdding;
    Steady::time_point due{};
    WorkerNo worker = 0;
    bool handed = false;  ///< the worker has heard of it
    std::vector<std::pair<bool, AddDone>> adding;  ///< those who wait; whether they joined
  };
  struct Queue {
    std::map<int64_t, Item> items;
    std::unordered_map<std::string, int64_t> by_key;
    std::set<int64_t> waiting;
    std::set<std::pair<Steady::time_point, int64_t>> delayed;
    std::set<WorkerNo> workers;
    WorkerNo served_last = 0;
    size_t adding = 0;
  };
  struct Worker {
    std::string queue;
    size_t max_at_once = 1;
    std::shared_ptr<const TaskQueue::Handler> handler;
    std::set<int64_t> held;
  };

  void Added(const std::string& queue, int64_t no, bool written);
  void Forget(Queue& queue, std::map<int64_t, Item>::iterator item);
  Item* FindHeld(WorkerNo worker, const std::string& id);
  Worker* NextFree(Queue& queue);
  void Pump(Queue& queue);
  void Hand(const std::string& queue, int64_t no, WorkerNo worker);
  void GiveBack(Queue& queue, Item& item);
  void ArmTimer();
  void OnTimer();

  net::Loop& loop_;
  const Clock& clock_;
  Journalling journal_;
  std::map<std::string, Queue> queues_;
  std::unordered_map<WorkerNo, Worker> workers_;
  WorkerNo last_worker_ = 0;
  int64_t last_no_ = 0;
  net::Timer timer_;
};

}  // namespace trackwire::broker
