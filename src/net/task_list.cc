#include "net/task_list.h"

#include <utility>

namespace trackwire::net {

TaskList::Batch::Batch(Node* newest_first) {
  while (newest_first != nullptr) {
    Node* older = newest_first->next;
    newest_first->next = next_;
    next_ = newest_first;
    newest_first = older;
  }
}

TaskList::Batch::~Batch() {
  while (Next() != nullptr) {
  }
}

TaskList::Task* TaskList::Batch::Next() {
  current_.reset(next_);
  if (current_ == nullptr) return nullptr;
  next_ = current_->next;
  return &current_->task;
}

TaskList::Node* TaskList::ClosedMark() {
  static Node mark;
  return &mark;
}

bool TaskList::Push(Task task) {
  auto node = std::make_unique<Node>();
  node->task = std::move(task);
  Node* head = head_.load(std::memory_order_relaxed);
  do {
    if (head == ClosedMark()) return false;
    node->next = head;
  } while (!head_.compare_exchange_weak(head, node.get(), std::memory_order_release,
                                        std::memory_order_relaxed));
  node.release();
  return head == nullptr;
}

TaskList::Batch TaskList::TakeAll() {
  Node* head = head_.load(std::memory_order_acquire);
  if (head == ClosedMark()) return Batch(nullptr);
  return Batch(head_.exchange(nullptr, std::memory_order_acquire));
}

void TaskList::Close() {
  Node* head = head_.exchange(ClosedMark(), std::memory_order_acquire);
  if (head == ClosedMark()) return;
  // A task may own what posts again when it is destroyed; that finds the list closed.
  Batch unrun(head);
}

}  // namespace trackwire::net
