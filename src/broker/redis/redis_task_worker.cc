#include "broker/redis/redis_task_worker.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "broker/handler_table.h"
#include "broker/redis/task_scripts.h"

namespace trackwire::broker {
namespace {

using namespace std::chrono_literals;

/// Ends and returns are told to Redis for so long; as long as Redis remembers what ended.
constexpr auto kPatience = 10min;
constexpr auto kAgainAfter = 100ms;
constexpr auto kShutdownPatience = 3s;
/// What is under way is looked through for owners that nobody knows every so many beats.
constexpr uint64_t kLookAtAllEvery = 32;

std::chrono::milliseconds BeatFor(std::chrono::milliseconds lease) {
  return std::clamp<std::chrono::milliseconds>(lease / 3, 10ms, 1000ms);
}

bool IsTask(const RespValue& task) {
  return task.is_array() && task.items.size() == 5 && task.items[0].is_string() &&
         task.items[1].is_string() && task.items[2].is_string() && task.items[3].is_integer() &&
         task.items[4].is_string();
}

}  // namespace

RedisTaskContext::RedisTaskContext(net::Loop& loop, RedisClient& client,
                                   RedisSubscriber& subscriber, RedisTaskQueue::Options options)
    : loop_(loop),
      client_(client),
      options_(std::move(options)),
      runner_(loop, client),
      wakes_(std::make_shared<HandlerTable>()),
      shutdown_timer_([](void* self) { static_cast<RedisTaskContext*>(self)->TellShutDown(); },
                      this) {
  // The subscription refers to the table weakly, because the subscriber may outlive it.
  const std::weak_ptr<HandlerTable> weak = wakes_;
  *wakes_ = HandlerTable([weak, &subscriber](const std::string& channel, bool wanted) {
    if (!wanted) return subscriber.Unsubscribe(ChannelKind::kPlain, channel);
    subscriber.Subscribe(ChannelKind::kPlain, channel,
                         [weak](std::string_view of, std::string_view message) {
                           if (auto table = weak.lock()) table->Deliver(of, message);
                         });
  });
}
RedisTaskContext::~RedisTaskContext() = default;

std::string RedisTaskContext::Ahead() const {
  return std::to_string(options_.clock_ahead ? options_.clock_ahead().count() : 0);
}

void RedisTaskContext::Run(const std::string& script, const std::string& queue,
                           std::vector<std::string> arguments, std::chrono::milliseconds patience,
                           ScriptRunner::Done done) {
  arguments.insert(arguments.begin(), Ahead());
  runner_.Run({&script, TaskKeys(options_.prefix, queue), std::move(arguments), patience,
               [this, answer = std::move(done)](Result<RespValue> reply) {
                 if (!reply) ++counters.failed_steps;
                 if (answer) answer(std::move(reply));
               }});
}

void RedisTaskContext::RunOnce(const std::string& script, const std::string& queue,
                               std::vector<std::string> arguments, RedisClient::Done done) {
  arguments.insert(arguments.begin(), Ahead());
  client_.Eval(script, TaskKeys(options_.prefix, queue), arguments, std::move(done));
}

void RedisTaskContext::Shutdown(std::function<void()> done) {
  shut_down_ = std::move(done);
  shutdown_timer_.Start(loop_.timers(), kShutdownPatience);
  runner_.WhenIdle([this] { TellShutDown(); });
}

void RedisTaskContext::TellShutDown() {
  shutdown_timer_.Cancel();
  const auto done = std::exchange(shut_down_, nullptr);
  if (done) done();
}

std::string RedisTaskContext::WakeChannel(const std::string& queue) const {
  return TaskWakeChannel(options_.prefix, queue);
}

std::unique_ptr<PubSub::Subscription> RedisTaskContext::OnWake(const std::string& queue,
                                                               std::function<void()> wake) {
  return HandlerTable::Add(wakes_, WakeChannel(queue),
                           [call = std::move(wake)](std::string_view) { call(); });
}

RedisTaskWorker::RedisTaskWorker(std::shared_ptr<RedisTaskContext> context, std::string queue,
                                 TaskQueue::WorkOptions options, TaskQueue::Handler handler)
    : context_(context),
      loop_(context->loop()),
      queue_(std::move(queue)),
      name_(base::Base64UrlEncode(base::RandomBytes(12))),
      options_(options),
      beat_(BeatFor(options.lease)),
      handler_(std::move(handler)),
      timer_([](void* self) { static_cast<RedisTaskWorker*>(self)->Take(); }, this) {}

void RedisTaskWorker::Start() {
  auto context = context_.lock();
  wake_ = context->OnWake(queue_, [weak = weak_from_this()] {
    auto self = weak.lock();
    if (self && self->held_.size() < self->options_.max_at_once) self->Take();
  });
  Take();
}

void RedisTaskWorker::ArmTimer(std::chrono::milliseconds wait) {
  timer_.Start(loop_.timers(), std::min(wait, beat_));
}

void RedisTaskWorker::Take() {
  auto context = context_.lock();
  if (left_ || !context) return;
  if (taking_) {
    again_ = true;
    return;
  }
  taking_ = true;
  again_ = false;
  // What an unheard answer gave is taken in first: it fills places, too.
  const bool full = name_again_ || held_.size() >= options_.max_at_once;
  const size_t want = full ? 0 : options_.max_at_once - held_.size();
  const bool look_at_all = takes_++ % kLookAtAllEvery == 0;
  context->RunOnce(
      TaskScripts::Take(), queue_,
      {name_, std::to_string(options_.lease.count()), std::to_string(want),
       name_again_ ? "1" : "0", look_at_all ? "1" : "0", std::to_string(beat_.count()),
       context->WakeChannel(queue_)},
      [weak = weak_from_this()](Result<RespValue> reply) {
        if (auto self = weak.lock()) self->Taken(std::move(reply));
      });
}

void RedisTaskWorker::TakeFailed(const Result<RespValue>& reply) {
  auto context = context_.lock();
  taking_ = false;
  name_again_ = true;
  const bool refused = reply && !(reply->is_error() && IsPassing(*reply));
  if (refused) ++context->counters.failed_steps;
  if (refused && !failing_) {
    base::LogError("broker", "tasks cannot be taken",
                   {{"queue", queue_}, {"detail", reply->text}});
  }
  failing_ = failing_ || refused;
  ArmTimer(refused ? beat_ : kAgainAfter);
}

void RedisTaskWorker::Taken(Result<RespValue> reply) {
  auto context = context_.lock();
  if (left_ || !context) return;
  if (!reply || !reply->is_array() || reply->items.size() != 3 || !reply->items[0].is_array()) {
    return TakeFailed(reply);
  }
  again_ = again_ || name_again_;
  failing_ = name_again_ = false;
  const int64_t broken = reply->items[2].integer;
  if (broken > 0) {
    context->counters.broken += static_cast<uint64_t>(broken);
    // One line for a flood of them.
    if (!breaking_) {
      base::LogWarn("broker", "tasks without content are dropped", {{"queue", queue_}});
    }
    again_ = true;
  }
  breaking_ = broken > 0;
  const int64_t next_due = reply->items[1].integer;
  ArmTimer(next_due >= 0 ? std::chrono::milliseconds(next_due + 1) : beat_);
  for (const RespValue& task : reply->items[0].items) {
    if (left_) return;
    if (IsTask(task)) Accept(task);
  }
  // Only now, so that what a handler ended at once does not make room before all are counted.
  taking_ = false;
  if (again_) Take();
}

void RedisTaskWorker::Accept(const RespValue& task) {
  const std::string& id = task.items[0].text;
  const std::string& token = task.items[4].text;
  if (ending_.contains({id, token})) return;
  const auto [held, fresh] = held_.try_emplace(id, token);
  if (!fresh) {
    // Lost while nothing was heard of this process, and come back to it: its handler has it still.
    held->second = token;
    return;
  }
  // A copy, because the handler may end this worker.
  const TaskQueue::Handler handler = handler_;
  handler(Task{id, task.items[1].text, task.items[2].text,
               static_cast<uint32_t>(std::clamp<int64_t>(task.items[3].integer, 1, UINT32_MAX))});
}

void RedisTaskWorker::Finish(const std::string& id, std::function<void(bool)> done) {
  const auto held = held_.find(id);
  auto context = context_.lock();
  if (!context || held == held_.end()) {
    if (done) loop_.Post([answer = std::move(done)] { answer(false); });
    return;
  }
  const std::string token = held->second;
  held_.erase(held);
  ending_.emplace(id, token);
  context->Run(TaskScripts::Finish(), queue_, {id, token}, kPatience,
               [self = shared_from_this(), id, token, answer = std::move(done)](auto reply) {
                 self->ending_.erase({id, token});
                 if (answer) answer(reply && reply->integer == 1);
               });
  Take();
}

void RedisTaskWorker::Retry(const std::string& id, std::chrono::milliseconds delay) {
  const auto held = held_.find(id);
  auto context = context_.lock();
  if (!context || held == held_.end()) return;
  const std::string token = held->second;
  held_.erase(held);
  ending_.emplace(id, token);
  context->Run(TaskScripts::Retry(), queue_,
               {id, token, std::to_string(delay.count()), context->WakeChannel(queue_)}, kPatience,
               [self = shared_from_this(), id, token](const auto&) {
                 self->ending_.erase({id, token});
               });
  Take();
}

void RedisTaskWorker::Leave() {
  left_ = true;
  timer_.Cancel();
  wake_.reset();
  held_.clear();
  auto context = context_.lock();
  if (!context) return;
  std::vector<std::string> arguments{name_, context->WakeChannel(queue_)};
  for (const auto& [id, token] : ending_) arguments.push_back(id);
  context->Run(TaskScripts::Leave(), queue_, std::move(arguments), options_.lease, {});
}

}  // namespace trackwire::broker
