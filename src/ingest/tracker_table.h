#pragma once

#include <map>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "base/result.h"
#include "ingest/position_intake.h"
#include "store/store.h"
#include "tracking/status_tracker.h"

namespace trackwire::ingest {

/// What fixes and silence come to: to be stored, then to be told, in order.
struct Derived {
  store::WriteBatch batch;  ///< the outbox holds the notifications
  size_t late = 0;          ///< positions of the batch that are older than their tracker's latest
  size_t status_changes = 0;
};

/// All trackers with their status, in memory, without I/O. Thread-compatible.
class TrackerTable {
 public:
  explicit TrackerTable(const tracking::StatusOptions& options);

  /// Adds trackers, or renews what is known of them; their status goes on.
  void Register(const std::vector<tracking::TrackerState>& states, WallTime now);
  /// As stored, with the status and latest position of this moment. Trackers that are not known
  /// come back as new.
  std::vector<tracking::TrackerState> StatesOf(
      const std::vector<tracking::Tracker>& trackers) const;

  /// Lets a tracker keep what is known here to have been set by hand.
  void KeepEdits(tracking::Tracker& tracker) const;

  /// A fix that was received at `now`; the notification names the update request that it answers,
  /// unless `request_id` is empty. Errors: those of CheckFix() and `unknown_tracker`.
  Result<FixOutcome> Take(const tracking::Id& id, const tracking::Fix& fix, WallTime now,
                          std::chrono::milliseconds skew, Derived& derived,
                          const std::string& request_id = {});
  /// Finds who has been silent for too long.
  void Tick(WallTime now, Derived& derived);
  void SetProvider(const std::string& provider, bool reachable, WallTime now, Derived& derived);

 private:
  struct Entry {
    tracking::Tracker tracker;
    tracking::StatusTracker status;
    std::optional<tracking::Position> latest;
    bool in_queue = false;
  };
  struct Due {
    WallTime at;
    Entry* entry;
    bool operator<(const Due& other) const { return at > other.at; }
  };

  void Watch(Entry& entry);
  void Tell(Entry& entry, const std::vector<tracking::StatusChange>& changes, WallTime now,
            Derived& derived);

  /// Adds a notification with its key, which it keeps over a restart.
  void Say(const char* event, const tracking::Id& id, const std::string& notification,
           std::string key, WallTime now, Derived& derived);
  std::string KeyOf(const tracking::StatusChange& change);

  const tracking::StatusOptions options_;
  const std::string key_prefix_;
  uint64_t last_key_ = 0;
  std::map<tracking::Id, std::unique_ptr<Entry>> entries_;
  std::priority_queue<Due> due_;  ///< each online tracker once
};

}  // namespace trackwire::ingest
