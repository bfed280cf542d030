#include "broker/embedded/embedded_task_queue.h"

#include <utility>

namespace trackwire::broker {
namespace {

class EmbeddedWorker final : public TaskQueue::Worker {
 public:
  EmbeddedWorker(std::weak_ptr<TaskBoard> board, TaskBoard::WorkerNo no)
      : board_(std::move(board)), no_(no) {}
  ~EmbeddedWorker() override {
    if (auto board = board_.lock()) board->RemoveWorker(no_);
  }
  void Finish(const std::string& id, std::function<void(bool)> done) override {
    if (auto board = board_.lock()) board->Finish(no_, id, std::move(done));
  }
  void Retry(const std::string& id, std::chrono::milliseconds delay) override {
    if (auto board = board_.lock()) board->Retry(no_, id, delay);
  }

 private:
  std::weak_ptr<TaskBoard> board_;
  TaskBoard::WorkerNo no_;
};

}  // namespace

EmbeddedTaskQueue::EmbeddedTaskQueue(net::Loop& loop, const Clock& clock,
                                     TaskBoard::Journalling journal, std::vector<TaskRow> rows)
    : loop_(loop), board_(std::make_shared<TaskBoard>(loop, clock, std::move(journal))) {
  board_->Load(std::move(rows));
}

void EmbeddedTaskQueue::Add(std::string queue, std::string key, std::string payload,
                            size_t max_waiting, std::function<void(Result<Added>)> done) {
  loop_.Post([weak = std::weak_ptr(board_), to = std::move(queue), of = std::move(key),
              what = std::move(payload), max_waiting, answer = std::move(done)]() mutable {
    if (auto board = weak.lock()) {
      board->Add(std::move(to), std::move(of), std::move(what), max_waiting, std::move(answer));
    }
  });
}

std::unique_ptr<TaskQueue::Worker> EmbeddedTaskQueue::Work(std::string queue, WorkOptions options,
                                                           Handler handler) {
  const auto no = board_->AddWorker(std::move(queue), options.max_at_once, std::move(handler));
  return std::make_unique<EmbeddedWorker>(board_, no);
}

void EmbeddedTaskQueue::CountWaiting(std::string queue,
                                     std::function<void(Result<uint64_t>)> done) {
  loop_.Post([weak = std::weak_ptr(board_), of = std::move(queue), answer = std::move(done)] {
    if (auto board = weak.lock()) answer(board->CountWaiting(of));
  });
}

}  // namespace trackwire::broker
