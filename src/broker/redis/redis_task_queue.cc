#include "broker/redis/redis_task_queue.h"

#include <utility>

#include "base/text.h"
#include "broker/redis/redis_task_worker.h"
#include "broker/redis/task_scripts.h"

namespace trackwire::broker {
namespace {

class Handle final : public TaskQueue::Worker {
 public:
  explicit Handle(std::shared_ptr<RedisTaskWorker> worker) : worker_(std::move(worker)) {}
  ~Handle() override { worker_->Leave(); }
  void Finish(const std::string& id, std::function<void(bool)> done) override {
    worker_->Finish(id, std::move(done));
  }
  void Retry(const std::string& id, std::chrono::milliseconds delay) override {
    worker_->Retry(id, delay);
  }

 private:
  std::shared_ptr<RedisTaskWorker> worker_;
};

Result<TaskQueue::Added> ReadAdded(const Result<RespValue>& reply) {
  if (!reply) return Err(reply.error().code, reply.error().detail);
  if (!reply->is_array() || reply->items.size() != 3) {
    return Err("unavailable", "Redis answered with something else");
  }
  const std::string& outcome = reply->items[0].text;
  if (outcome == "full") return Err("queue_full", "too many tasks wait");
  return TaskQueue::Added{reply->items[1].text, outcome == "joined",
                          static_cast<uint64_t>(reply->items[2].integer)};
}

}  // namespace

RedisTaskQueue::RedisTaskQueue(net::Loop& loop, RedisClient& client, RedisSubscriber& subscriber,
                               Options options)
    : loop_(loop),
      context_(std::make_shared<RedisTaskContext>(loop, client, subscriber, std::move(options))) {}
RedisTaskQueue::~RedisTaskQueue() = default;

void RedisTaskQueue::Add(std::string queue, std::string key, std::string payload,
                         size_t max_waiting, std::function<void(Result<Added>)> done) {
  // Named here, so that a repeated step is known as the same.
  std::string id = base::Base64UrlEncode(base::RandomBytes(12));
  loop_.Post([weak = std::weak_ptr(context_), to = std::move(queue),
              arguments = std::vector<std::string>{std::move(id), std::move(key),
                                                   std::move(payload),
                                                   std::to_string(max_waiting)},
              answer = std::move(done)]() mutable {
    auto context = weak.lock();
    if (!context) return;
    arguments.push_back(context->WakeChannel(to));
    context->Run(TaskScripts::Add(), to, std::move(arguments),
                 context->options().unavailable_after,
                 [call = std::move(answer)](const Result<RespValue>& reply) {
                   if (call) call(ReadAdded(reply));
                 });
  });
}

std::unique_ptr<TaskQueue::Worker> RedisTaskQueue::Work(std::string queue, WorkOptions options,
                                                        Handler handler) {
  auto worker = std::make_shared<RedisTaskWorker>(context_, std::move(queue), options,
                                                  std::move(handler));
  worker->Start();
  return std::make_unique<Handle>(std::move(worker));
}

void RedisTaskQueue::CountWaiting(std::string queue, std::function<void(Result<uint64_t>)> done) {
  loop_.Post([weak = std::weak_ptr(context_), of = std::move(queue), answer = std::move(done)] {
    auto context = weak.lock();
    if (!context) return;
    context->Run(TaskScripts::Count(), of, {}, context->options().unavailable_after,
                 [answer](const Result<RespValue>& reply) {
                   if (!reply) return answer(Err(reply.error().code, reply.error().detail));
                   answer(static_cast<uint64_t>(reply->integer));
                 });
  });
}

void RedisTaskQueue::Shutdown(std::function<void()> done) {
  context_->Shutdown(std::move(done));
}

RedisTaskQueue::Counters RedisTaskQueue::counters() const { return context_->counters; }

}  // namespace trackwire::broker
