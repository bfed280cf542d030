#pragma once

#include <atomic>
#include <memory>

#include "base/unique_function.h"

namespace trackwire::net {

/// Tasks from any number of threads for one: pushed without a lock, taken all at once.
///
/// Push() from any thread, the rest from the thread that runs the tasks (Close() also once that
/// one has ended).
class TaskList {
  struct Node;

 public:
  using Task = UniqueFunction<void()>;

  /// What was taken, oldest first; tasks left over are destroyed unrun.
  class Batch {
   public:
    explicit Batch(Node* newest_first);
    ~Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;
    /// The next task, valid until the following call; nullptr after the last.
    Task* Next();

   private:
    Node* next_ = nullptr;
    std::unique_ptr<Node> current_;
  };

  TaskList() = default;
  ~TaskList() { Close(); }
  TaskList(const TaskList&) = delete;
  TaskList& operator=(const TaskList&) = delete;

  /// Whether the list was empty, so that its reader has to be woken. After Close() the task is
  /// destroyed and the answer is false.
  bool Push(Task task);
  Batch TakeAll();
  /// Destroys what is in the list and all that comes later.
  void Close();

 private:
  struct Node {
    Task task;
    Node* next = nullptr;
  };
  /// Stands for "closed" at the head of the list.
  static Node* ClosedMark();

  std::atomic<Node*> head_{nullptr};
};

}  // namespace trackwire::net
