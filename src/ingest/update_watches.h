#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "ingest/broker_update_desk.h"

namespace trackwire::ingest {

/// The requests that one desk watches, each from its task to its end. Belongs to the broker's loop.
class UpdateWatches : public std::enable_shared_from_this<UpdateWatches> {
 public:
  UpdateWatches(net::Loop& control, broker::Broker& broker, broker::NotificationSink& sink,
                const Clock& clock, const BrokerUpdateDesk::Options& options);

  void Start();
  void Stop();
  /// Watches a request that a task of `worker` holds. `foreign`: somebody else announced it.
  void Begin(UpdateRequest request, const broker::Task& task, broker::TaskQueue::Worker& worker,
             bool foreign);
  /// Whether a request could be left at all for that tracker; else why not.
  std::optional<std::string> Refusal(const tracking::Id& tracker, std::string* provider) const;
  /// Tells a requester of an end that no watch led to.
  void TellAtOnce(const UpdateState& state);
  UpdateCounters counters() const;
  void CountRefused() { ++counters_.refused; }

 private:
  struct Watch {
    UpdateRecord record;
    broker::TaskQueue::Worker* worker = nullptr;
    std::string own_task;  ///< the request itself, in the queue of requests
    bool foreign = false;
    bool begun = false;
    bool adding = false;          ///< the task for the provider is on its way into its queue
    bool joined = false;          ///< the task was another's: its time may end before ours
    bool appending = false;
    bool location_seen = false;
    std::optional<Steady::time_point> fetched_at;  ///< fetched; its position is not in the log yet
    std::chrono::milliseconds provider_time{0};
    Steady::time_point began_at{};
    Steady::time_point asked_at{};  ///< when the progress was last looked up
    std::deque<UpdateState> untold;
  };
  using WatchPtr = std::shared_ptr<Watch>;

  void Proceed(const WatchPtr& watch, bool is_new);
  void AddTask(const WatchPtr& watch, const std::string& provider);
  void OnAdded(const WatchPtr& watch, const Result<broker::TaskQueue::Added>& added,
               const std::string& queue);
  void Attach(const WatchPtr& watch);
  void LookUp(const WatchPtr& watch);
  void OnProgress(const UpdateProgress& progress);
  void Apply(const WatchPtr& watch, const UpdateProgress& progress);
  /// Leaves its task: at the next tick it has another.
  void Detach(const WatchPtr& watch);
  void Enter(const WatchPtr& watch, UpdateStatus status, std::string reason);
  void Count(const Watch& watch);
  void Keep(const Watch& watch);
  void TellNext(const WatchPtr& watch);
  void Close(const WatchPtr& watch);
  void OnTick();
  void OnLog(const std::vector<broker::LogEntryPtr>& entries);
  bool live(const WatchPtr& watch) const;

  net::Loop& control_;
  broker::Broker& broker_;
  broker::NotificationSink& sink_;
  const Clock& clock_;
  const BrokerUpdateDesk::Options& options_;
  UpdateCounters counters_;
  std::unordered_map<std::string, WatchPtr> watches_;  ///< by request id
  std::map<std::pair<std::string, std::string>, std::set<WatchPtr>> by_task_;
  std::map<tracking::Id, std::set<WatchPtr>> by_tracker_;  ///< those that hear the log
  std::unique_ptr<broker::PubSub::Subscription> progress_;
  net::Timer tick_;
  bool stopped_ = false;
};

}  // namespace trackwire::ingest
