#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "broker/pub_sub.h"
#include "broker/redis/redis_task_queue.h"
#include "broker/redis/script_runner.h"
#include "net/timer.h"

namespace trackwire::broker {

class HandlerTable;

/// What the workers of one process share. Belongs to the loop.
class RedisTaskContext {
 public:
  RedisTaskContext(net::Loop& loop, RedisClient& client, RedisSubscriber& subscriber,
                   RedisTaskQueue::Options options);
  ~RedisTaskContext();

  /// Runs one of TaskScripts on the keys of `queue`, time put first.
  void Run(const std::string& script, const std::string& queue, std::vector<std::string> arguments,
           std::chrono::milliseconds patience, ScriptRunner::Done done);
  /// The same once, without trying again.
  void RunOnce(const std::string& script, const std::string& queue,
               std::vector<std::string> arguments, RedisClient::Done done);
  void Shutdown(std::function<void()> done);
  std::string WakeChannel(const std::string& queue) const;
  std::unique_ptr<PubSub::Subscription> OnWake(const std::string& queue,
                                               std::function<void()> wake);
  net::Loop& loop() { return loop_; }
  const RedisTaskQueue::Options& options() const { return options_; }

  RedisTaskQueue::Counters counters;

 private:
  std::string Ahead() const;
  void TellShutDown();

  net::Loop& loop_;
  RedisClient& client_;
  RedisTaskQueue::Options options_;
  ScriptRunner runner_;
  std::shared_ptr<HandlerTable> wakes_;
  std::function<void()> shut_down_;
  net::Timer shutdown_timer_;
};

/// One worker: takes, keeps its lease, gives back. Belongs to the loop.
class RedisTaskWorker final : public std::enable_shared_from_this<RedisTaskWorker> {
 public:
  RedisTaskWorker(std::shared_ptr<RedisTaskContext> context, std::string queue,
                  TaskQueue::WorkOptions options, TaskQueue::Handler handler);

  void Start();
  /// Gives back what is not finished and calls nobody any more.
  void Leave();
  void Finish(const std::string& id, std::function<void(bool)> done);
  void Retry(const std::string& id, std::chrono::milliseconds delay);

 private:
  void Take();
  void Taken(Result<RespValue> reply);
  void TakeFailed(const Result<RespValue>& reply);
  void Accept(const RespValue& task);
  void ArmTimer(std::chrono::milliseconds wait);

  std::weak_ptr<RedisTaskContext> context_;
  net::Loop& loop_;
  const std::string queue_;
  const std::string name_;
  const TaskQueue::WorkOptions options_;
  const std::chrono::milliseconds beat_;
  TaskQueue::Handler handler_;
  std::map<std::string, std::string> held_;    ///< tokens by id
  /// Ids and tokens, until Redis has heard that they ended or were given back.
  std::set<std::pair<std::string, std::string>> ending_;
  std::unique_ptr<PubSub::Subscription> wake_;
  net::Timer timer_;
  uint64_t takes_ = 0;
  bool taking_ = false;
  bool again_ = false;
  bool name_again_ = false;  ///< an answer was lost: it may have been tasks
  bool failing_ = false;
  bool breaking_ = false;
  bool left_ = false;
};

}  // namespace trackwire::broker
