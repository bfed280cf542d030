#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "ingest/fix_report.h"
#include "store/store.h"
#include "tracking/status_tracker.h"

namespace trackwire::ingest {

/// What fixes and silence come to: to be stored, then to be told, in order.
struct Derived {
  store::WriteBatch batch;  ///< the outbox holds the notifications
  size_t late = 0;          ///< positions of the batch that are older than their tracker's latest
  size_t status_changes = 0;
};

/// The trackers of one intake with their status, in memory, without I/O. Thread-compatible.
class TrackerTable {
 public:
  /// `provider`: whose trackers it holds, others are as unknown; nothing: all.
  TrackerTable(const tracking::StatusOptions& options, std::optional<std::string> provider);

  /// Adds trackers, or renews what is known of them; their status goes on, and follows the provider
  /// that one has now. One that is another provider's by now is left to that.
  void Register(const std::vector<tracking::TrackerState>& states, WallTime now, Derived& derived);
  /// The same with all there are: who is not named is forgotten.
  void Replace(const std::vector<tracking::TrackerState>& states, WallTime now, Derived& derived);
  /// Forgets a tracker.
  void Remove(const tracking::Id& id);
  /// As stored, with the status and latest position of this moment. Trackers that are not known
  /// come back as new.
  std::vector<tracking::TrackerState> StatesOf(
      const std::vector<tracking::Tracker>& trackers) const;
  size_t size() const { return entries_.size(); }

  /// Lets a tracker keep what is known here to have been set by hand.
  void KeepEdits(tracking::Tracker& tracker) const;

  /// What was said of a tracker, heard `now`; the notification names the update request that it
  /// answers, if any. Errors: those of CheckFix(), `unknown_tracker` and `other_provider`.
  Result<FixOutcome> Take(const FixReport& report, WallTime now, std::chrono::milliseconds skew,
                          Derived& derived);
  /// Finds who has been silent for too long.
  void Tick(WallTime now, Derived& derived);
  void SetProvider(const std::string& provider, bool reachable, WallTime now, Derived& derived);

 private:
  struct Entry {
    Entry(const tracking::TrackerState& state, const tracking::StatusOptions& options,
          WallTime now)
        : tracker(state.tracker), status(state, options, now), latest(state.latest) {}
    tracking::Tracker tracker;
    tracking::StatusTracker status;
    std::optional<tracking::Position> latest;
    WallTime looked_at{};  ///< when OnTime() has to look; the epoch: never
    std::string again;     ///< in the key of its first position, of one that has been here before
  };

  bool IsMine(const tracking::Tracker& tracker) const;
  bool Reaches(const std::string& provider) const;
  FixOutcome TakeLastWill(Entry& entry, const FixReport& report, WallTime at, WallTime now,
                          Derived& derived);
  FixOutcome TakeTold(Entry& entry, const FixReport& report, WallTime at, WallTime now,
                      Derived& derived);
  FixOutcome TakeContact(Entry& entry, const FixReport& report, WallTime at, WallTime now,
                    Derived& derived);
  FixOutcome TakeNewest(Entry& entry, const FixReport& report, WallTime at, WallTime now,
                   Derived& derived);
  void Watch(Entry& entry);
  void Tell(Entry& entry, const std::vector<tracking::StatusChange>& changes, WallTime now,
            Derived& derived);

  /// Adds a notification with its key, which it keeps over a restart.
  void Say(const char* event, const tracking::Id& id, const std::string& notification,
           std::string key, WallTime now, Derived& derived);

  const tracking::StatusOptions options_;
  const std::optional<std::string> provider_;
  std::map<std::string, bool> reachable_;  ///< what is known of providers
  std::map<tracking::Id, Entry> entries_;
  std::map<tracking::Id, tracking::Tracker> moved_away_;  ///< by hand, to another provider
  std::set<tracking::Id> gone_;  ///< lately; the log may know what was said of them
  std::set<std::pair<WallTime, Entry*>> due_;  ///< each one whose silence can change something
};

}  // namespace trackwire::ingest
