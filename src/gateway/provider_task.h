#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "broker/broker.h"
#include "fetcher/fetcher.h"
#include "gateway/config.h"
#include "ingest/position_intake.h"
#include "net/loop.h"
#include "net/timer.h"

namespace trackwire::gateway {

/// One provider as a task that several fetchers want and one at a time has.
///
/// Who gets the task opens the store, so that it knows what its predecessor stored and did not yet
/// tell, and runs the provider. It steps down when it cannot know any more that the task is still
/// its own: its process stood still, or Redis is away for nearly as long as the others wait.
/// Lives on the broker's loop.
class ProviderTask {
 public:
  using MakeProvider = std::function<std::unique_ptr<fetcher::Provider>()>;
  /// What is done with the intake besides while the task is held; may be empty. On the working
  /// thread: `begin` when the intake is open, `end` before it closes, also of one that never began.
  struct Duty {
    std::function<void(ingest::PositionIntake&)> begin;
    std::function<void()> end;
    /// As those of the intake: the first time before `begin`.
    ingest::OnRegistered registered;
    ingest::OnRegistered reloaded;
  };
  struct Context {
    net::Loop& control;
    broker::Broker& broker;
    const Config& config;
    const Clock& clock;
  };

  /// What the context names outlives it. An empty `make`: no provider runs, the duty is all.
  ProviderTask(Context context, std::string name, MakeProvider make, Duty duty = {});
  ProviderTask(const ProviderTask&) = delete;
  ProviderTask& operator=(const ProviderTask&) = delete;

  const std::string& name() const { return name_; }
  void Begin();
  /// The broker has lost what it knew, maybe the task too: asks for it again. Who had it steps down
  /// first, so that there are not two.
  void OnBreak();
  /// Ends the run and gives the task back; `done` on the loop.
  void Stop(std::function<void()> done);
  /// Not from the loop, after Stop(): waits for its thread.
  void Join() { work_.Stop(); }

 private:
  enum class Ending { kFinish, kRetry, kGiveBack };

  void AskForTask();
  void Work();
  void Follow();
  void OnTask(const broker::Task& task);
  void OnProvider(uint64_t run, const fetcher::ProviderStatus& status);
  void End(Ending how);
  void OnEnded(Ending how);
  void Tick();

  // On the working thread, which may block.
  void StartRun(uint64_t run);
  Result<void> MakeRun(uint64_t run);

  const Context context_;
  const std::string name_;
  const std::string queue_;
  const MakeProvider make_;
  const Duty duty_;
  std::unique_ptr<broker::TaskQueue::Worker> worker_;
  std::string task_id_;  ///< empty: it has no task
  uint64_t run_ = 0;
  bool asking_ = false;
  bool added_ = false;
  bool finished_ = false;  ///< here: not asked for again
  bool ending_ = false;
  bool stopping_ = false;
  std::function<void()> on_stopped_;
  std::unique_ptr<broker::PubSub::Subscription> tracker_news_;
  net::Timer tick_;
  Steady::time_point ticked_at_{};
  Steady::time_point ready_at_{};
  Steady::time_point ask_at_{};  ///< not before

  net::Loop work_{"provider"};
  // The working thread's:
  std::unique_ptr<ingest::PositionIntake> positions_;
  std::unique_ptr<fetcher::Fetcher> fetcher_;
};

}  // namespace trackwire::gateway
