#pragma once

#include <memory>

#include "broker/embedded/task_board.h"
#include "broker/task_queue.h"

namespace trackwire::broker {

/// Task queues of one process. Destroy it on the loop; workers may outlive it.
class EmbeddedTaskQueue final : public TaskQueue {
 public:
  EmbeddedTaskQueue(net::Loop& loop, const Clock& clock, TaskBoard::Journalling journal,
                    std::vector<TaskRow> rows);

  void Add(std::string queue, std::string key, std::string payload, size_t max_waiting,
           std::function<void(Result<Added>)> done) override;
  std::unique_ptr<Worker> Work(std::string queue, WorkOptions options, Handler handler) override;
  void CountWaiting(std::string queue, std::function<void(Result<uint64_t>)> done) override;

 private:
  net::Loop& loop_;
  std::shared_ptr<TaskBoard> board_;
};

}  // namespace trackwire::broker
