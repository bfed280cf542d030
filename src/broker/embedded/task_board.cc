#include "broker/embedded/task_board.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "broker/embedded/log_id.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

/// Delays are looked at this often at least, because a clock may be set.
constexpr auto kLookAgain = 250ms;
/// Position of the first that waits.
constexpr uint64_t kFirst = 0;

/// 0 when it is no number of a task.
int64_t ToNo(const std::string& id) {
  int64_t no = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), no);
  return read.ec == std::errc() && read.ptr == id.data() + id.size() ? no : 0;
}

}  // namespace

TaskBoard::TaskBoard(net::Loop& loop, const Clock& clock, Journalling journal)
    : loop_(loop),
      clock_(clock),
      journal_(std::move(journal)),
      timer_([](void* self) { static_cast<TaskBoard*>(self)->OnTimer(); }, this) {}

void TaskBoard::Load(std::vector<TaskRow> rows) {
  for (TaskRow& row : rows) {
    Queue& queue = queues_[row.queue];
    const int64_t no = row.no;
    last_no_ = std::max(last_no_, no);
    if (!row.key.empty()) queue.by_key[row.key] = no;
    const auto delay = row.not_before - clock_.WallNow();
    Item item;
    item.row = std::move(row);
    if (delay > 0ms) {
      item.state = State::kDelayed;
      item.due = clock_.Now() + delay;
      queue.delayed.emplace(item.due, no);
    } else {
      item.state = State::kWaiting;
      queue.waiting.insert(no);
    }
    queue.items.emplace(no, std::move(item));
  }
}

void TaskBoard::Add(std::string queue_name, std::string key, std::string payload,
                    size_t max_waiting, AddDone done) {
  Queue& queue = queues_[queue_name];
  if (const auto known = key.empty() ? queue.by_key.end() : queue.by_key.find(key);
      known != queue.by_key.end()) {
    Item& item = queue.items.at(known->second);
    // What it joins has to be durable first, too.
    if (item.state == State::kAdding) {
      item.adding.emplace_back(true, std::move(done));
      return;
    }
    uint64_t position = kFirst;
    if (item.state == State::kWaiting) {
      position = static_cast<uint64_t>(
          std::distance(queue.waiting.begin(), queue.waiting.find(known->second)));
    }
    return done(TaskQueue::Added{std::to_string(known->second), true, position});
  }
  if (queue.waiting.size() + queue.delayed.size() + queue.adding >= max_waiting) {
    return done(Err("queue_full", "too many tasks wait"));
  }
  const int64_t no = NextId(last_no_, clock_.WallNow().time_since_epoch().count());
  TaskChange change;
  change.row = {no, queue_name, key, std::move(payload), 0, {}};
  Item item;
  item.row = change.row;
  change.done = [weak = weak_from_this(), queue_name, no](bool written) {
    if (auto self = weak.lock()) self->Added(queue_name, no, written);
  };
  if (!journal_(change)) return done(Err("unavailable", "the broker is shutting down"));
  last_no_ = no;
  item.adding.emplace_back(false, std::move(done));
  if (!key.empty()) queue.by_key[key] = no;
  ++queue.adding;
  queue.items.emplace(no, std::move(item));
}

void TaskBoard::Added(const std::string& queue_name, int64_t no, bool written) {
  Queue& queue = queues_[queue_name];
  const auto found = queue.items.find(no);
  if (found == queue.items.end()) return;
  --queue.adding;
  auto adding = std::move(found->second.adding);
  found->second.adding.clear();
  const uint64_t position = queue.waiting.size();
  if (written) {
    found->second.state = State::kWaiting;
    queue.waiting.insert(no);
    Pump(queue);
  } else {
    Forget(queue, found);
  }
  for (auto& [joined, done] : adding) {
    if (written) {
      done(TaskQueue::Added{std::to_string(no), joined, position});
    } else {
      done(Err("unavailable", "the journal cannot be written"));
    }
  }
}

void TaskBoard::Forget(Queue& queue, std::map<int64_t, Item>::iterator item) {
  if (!item->second.row.key.empty()) queue.by_key.erase(item->second.row.key);
  queue.items.erase(item);
}

uint64_t TaskBoard::CountWaiting(const std::string& name) const {
  const auto queue = queues_.find(name);
  return queue == queues_.end() ? 0 : queue->second.waiting.size() + queue->second.delayed.size();
}

TaskBoard::WorkerNo TaskBoard::AddWorker(std::string queue_name, size_t max_at_once,
                                         TaskQueue::Handler handler) {
  const WorkerNo no = ++last_worker_;
  Queue& queue = queues_[queue_name];
  queue.workers.insert(no);
  workers_.emplace(no, Worker{std::move(queue_name), max_at_once,
                              std::make_shared<const TaskQueue::Handler>(std::move(handler)), {}});
  Pump(queue);
  ArmTimer();
  return no;
}

void TaskBoard::RemoveWorker(WorkerNo no) {
  const auto found = workers_.find(no);
  if (found == workers_.end()) return;
  const Worker gone = std::move(found->second);
  workers_.erase(found);
  Queue& queue = queues_[gone.queue];
  queue.workers.erase(no);
  for (const int64_t held : gone.held) GiveBack(queue, queue.items.at(held));
  Pump(queue);
}

void TaskBoard::GiveBack(Queue& queue, Item& item) {
  item.state = State::kWaiting;
  item.worker = 0;
  if (!item.handed) --item.row.attempt;  // nobody has had it
  queue.waiting.insert(item.row.no);
}

TaskBoard::Item* TaskBoard::FindHeld(WorkerNo worker, const std::string& id) {
  const auto found = workers_.find(worker);
  const int64_t no = ToNo(id);
  if (found == workers_.end() || !found->second.held.contains(no)) return nullptr;
  Item& item = queues_[found->second.queue].items.at(no);
  return item.handed ? &item : nullptr;
}

void TaskBoard::Finish(WorkerNo worker, const std::string& id, std::function<void(bool)> done) {
  Item* item = FindHeld(worker, id);
  if (item == nullptr) {
    if (done) loop_.Post([answer = std::move(done)] { answer(false); });
    return;
  }
  TaskChange change;
  change.kind = TaskChange::Kind::kRemove;
  change.row.no = item->row.no;
  change.done = [answer = done](bool) {
    if (answer) answer(true);
  };
  Queue& queue = queues_[item->row.queue];
  workers_.at(worker).held.erase(item->row.no);
  Forget(queue, queue.items.find(item->row.no));
  // Once the journal is closed the task lives on in it, for the next process.
  if (!journal_(change) && done) loop_.Post([answer = std::move(done)] { answer(false); });
  Pump(queue);
}

void TaskBoard::Retry(WorkerNo worker, const std::string& id, std::chrono::milliseconds delay) {
  Item* item = FindHeld(worker, id);
  if (item == nullptr) return;
  Queue& queue = queues_[item->row.queue];
  workers_.at(worker).held.erase(item->row.no);
  if (delay > 0ms) {
    item->state = State::kDelayed;
    item->worker = 0;
    item->due = clock_.Now() + delay;
    item->row.not_before = clock_.WallNow() + delay;
    queue.delayed.emplace(item->due, item->row.no);
    TaskChange change;
    change.kind = TaskChange::Kind::kUpdate;
    change.row.no = item->row.no;
    change.row.attempt = item->row.attempt;
    change.row.not_before = item->row.not_before;
    journal_(change);
    ArmTimer();
  } else {
    GiveBack(queue, *item);
  }
  Pump(queue);
}

TaskBoard::Worker* TaskBoard::NextFree(Queue& queue) {
  // In turn, beginning behind the one that was served last.
  auto next = queue.workers.upper_bound(queue.served_last);
  for (size_t i = 0; i < queue.workers.size(); ++i) {
    if (next == queue.workers.end()) next = queue.workers.begin();
    Worker& worker = workers_.at(*next);
    if (worker.held.size() < worker.max_at_once) {
      queue.served_last = *next;
      return &worker;
    }
    ++next;
  }
  return nullptr;
}

void TaskBoard::Pump(Queue& queue) {
  while (!queue.waiting.empty()) {
    Worker* worker = NextFree(queue);
    if (worker == nullptr) return;
    const int64_t no = *queue.waiting.begin();
    Item& item = queue.items.at(no);
    TaskChange change;
    change.kind = TaskChange::Kind::kUpdate;
    change.row.no = no;
    change.row.attempt = item.row.attempt + 1;
    change.done = [weak = weak_from_this(), name = item.row.queue, no,
                   by = queue.served_last](bool) {
      if (auto self = weak.lock()) self->Hand(name, no, by);
    };
    if (!journal_(change)) return;
    queue.waiting.erase(queue.waiting.begin());
    worker->held.insert(no);
    ++item.row.attempt;
    item.state = State::kTaken;
    item.worker = queue.served_last;
    item.handed = false;
  }
}

void TaskBoard::Hand(const std::string& queue_name, int64_t no, WorkerNo by) {
  Queue& queue = queues_[queue_name];
  const auto found = queue.items.find(no);
  if (found == queue.items.end() || found->second.worker != by || found->second.handed) return;
  found->second.handed = true;
  const TaskRow& row = found->second.row;
  const auto handler = workers_.at(by).handler;
  (*handler)(Task{std::to_string(no), row.key, row.payload, row.attempt});
}

void TaskBoard::ArmTimer() {
  std::optional<Steady::time_point> first;
  for (const auto& [name, queue] : queues_) {
    if (queue.delayed.empty()) continue;
    if (!first || queue.delayed.begin()->first < *first) first = queue.delayed.begin()->first;
  }
  if (!first) return;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*first - clock_.Now());
  timer_.Start(loop_.timers(), std::clamp<std::chrono::milliseconds>(wait, 1ms, kLookAgain));
}

void TaskBoard::OnTimer() {
  for (auto& [name, queue] : queues_) {
    bool any = false;
    while (!queue.delayed.empty() && queue.delayed.begin()->first <= clock_.Now()) {
      const int64_t no = queue.delayed.begin()->second;
      queue.delayed.erase(queue.delayed.begin());
      queue.items.at(no).state = State::kWaiting;
      queue.waiting.insert(no);
      any = true;
    }
    if (any) Pump(queue);
  }
  ArmTimer();
}

}  // namespace trackwire::broker
