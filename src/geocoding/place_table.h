#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "geocoding/desk_parts.h"
#include "geocoding/place_answer.h"
#include "net/timer.h"

namespace trackwire::geocoding {

/// Somebody, or several, who wait for the ends of places' tasks.
class PlaceWaiter {
 public:
  virtual ~PlaceWaiter() = default;
  /// `index` is the one given to Listen().
  virtual void Hear(uint32_t index, const std::shared_ptr<const PlaceEnd>& end) = 0;
  /// Whether that one still waits; else it is forgotten.
  virtual bool Waits(uint32_t index) const = 0;
};

/// The places that this process waits for: reads their answers from the cache, leaves their tasks,
/// and hears how those end. However many ask for a place, it is read and left once. Belongs to the
/// broker's loop.
class PlaceTable : public std::enable_shared_from_this<PlaceTable> {
 public:
  /// A task that waits or is under way.
  struct Queued {
    std::string task;
    uint64_t position = 1;  ///< 1 is next in line; about, when somebody else has asked before
    bool joined = false;    ///< somebody had asked before
  };
  enum class Why : uint8_t {
    kMissing,  ///< there is no answer
    kOld,      ///< there is one, which is told until there is another
  };
  using FindDone = std::function<void(std::optional<PlaceAnswer>)>;
  using QueueDone = std::function<void(Result<Queued>)>;

  explicit PlaceTable(std::shared_ptr<DeskParts> parts);

  void Start();
  /// Whoever waits for Find() gets nothing, for Queue() `unavailable`; listeners are forgotten.
  void Stop();

  /// Nothing when there is none that could be told.
  void Find(const std::string& key, FindDone done);
  /// What is known of a place without an answer whose task this process has left, without asking.
  std::optional<Queued> Known(const std::string& key) const;
  /// Leaves a task for the middle of a cell. Errors: `queue_full` (more than `max_waiting` wait),
  /// `unavailable`.
  void Queue(const std::string& key, const Place& centre, size_t max_waiting, Why why,
             QueueDone done);
  /// From now on `waiter` hears how the place's task ends: any answer, and a fault of the task
  /// `task`; also when that was before. Once.
  void Listen(const std::string& key, const std::string& task, std::shared_ptr<PlaceWaiter> waiter,
              uint32_t index);

 private:
  struct Listener {
    std::shared_ptr<PlaceWaiter> waiter;
    uint32_t index = 0;
    uint32_t task = 0;  ///< its place in Open::tasks
  };
  struct Adder {
    size_t max_waiting = 0;
    QueueDone done;
  };
  struct Open {
    Place centre;
    std::string queued;     ///< the task; empty: not known to be in the queue
    uint64_t position = 0;  ///< when it was asked for
    uint64_t ends = 0;      ///< of ends_ at that time
    bool missing = false;   ///< there is no answer meanwhile
    bool adding = false;
    bool in_round = false;
    Steady::time_point known_until{};
    Steady::time_point looked_at{};
    std::vector<Adder> adders;
    std::vector<std::string> tasks;  ///< those that are listened for
    std::vector<Listener> listeners;
  };

  void Add(const std::string& key, size_t max_waiting);
  void OnAdded(const std::string& key, size_t max_waiting,
               const Result<broker::TaskQueue::Added>& added);
  Queued QueuedOf(const Open& open, bool joined) const;
  bool IsQueued(const Open& open) const;
  void OnEnd(PlaceEnd end);
  void LookUp(const std::string& key, const std::string& task);
  void LookUpAnswer(const std::string& key);
  void OnTick();
  void Forget(const std::string& key);
  uint32_t TaskNo(Open& open, const std::string& task, bool* is_new);

  const std::shared_ptr<DeskParts> parts_;
  std::unordered_map<std::string, std::vector<FindDone>> finding_;
  std::unordered_map<std::string, Open> open_;
  std::deque<std::string> round_;  ///< keys of open places, the one looked up longest ago in front
  std::unique_ptr<broker::PubSub::Subscription> news_;
  net::Timer tick_;
  uint64_t ends_ = 0;  ///< of places' tasks, heard of by this process
  bool stopped_ = false;
};

}  // namespace trackwire::geocoding
