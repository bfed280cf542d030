#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "tracking/object_filter.h"
#include "tracking/tracker.h"

namespace trackwire::tracking {

/// The picture of all trackers as of one place in the notification log, kept in memory.
///
/// Whoever follows the log applies each event here before passing it on; so a snapshot and the
/// offset it is given belong together, and nothing falls between snapshot and stream.
/// One thread owns it.
class Board {
 public:
  using Visible = std::function<bool(const Tracker&)>;

  /// What snapshots go through; it outlives the board. Without one they hide nothing.
  void SetFilter(const ObjectFilter& filter);

  /// Adds or replaces clients and trackers. A position or status newer than the one in a given
  /// state stays.
  void Upsert(const std::vector<Client>& clients, const std::vector<TrackerState>& states);

  /// Valid until the next Upsert().
  const Tracker* Find(const Id& id) const;
  size_t size() const { return entries_.size(); }

  /// Keeps the object of a tracker_location_updated, byte for byte. False when the tracker is not
  /// known, or its position is newer, or the object has no valid `fix_time` and place. A time
  /// after `now`, but for clocks that differ, is not valid: it would stay for ever.
  bool ApplyLocation(const Id& id, std::string_view notification_json, WallTime now);
  /// The same, and a tracker that is not known is added as a public one named after its id, unless
  /// there are `max_trackers` already. Of such a tracker a position without a `fix_time` counts as
  /// one of `told_at`, when it was notified.
  bool LearnLocation(const Id& id, std::string_view notification_json, WallTime told_at,
                     WallTime now, size_t max_trackers);
  /// Keeps what a tracker_status_change says. False when the tracker is not known or a member is
  /// missing or wrong; `since` in the future is.
  bool ApplyStatus(const Id& id, std::string_view notification_json, WallTime now);
  /// The same, and adds a tracker that is not known as LearnLocation() does.
  bool LearnStatus(const Id& id, std::string_view notification_json, WallTime now,
                   size_t max_trackers);

  /// The body of `GET /api/trackers`: `{"offset", "server_time", "clients", "trackers"}` with what
  /// `visible` lets through and the clients of those, each as the people of `view` may see it.
  /// Provider and external id never show.
  std::string SnapshotJson(std::string_view offset, WallTime server_time, const Visible& visible,
                           uint8_t view = 0) const;

 private:
  struct Entry {
    Tracker tracker;
    std::string head;           ///< the members that seldom change, as JSON
    Status status;
    std::string status_json;    ///< as the snapshot has it
    std::string position_json;  ///< empty: never heard
    WallTime fix_time{};
    bool learned = false;       ///< known from notifications alone
    /// The views that do not see all of it, once a snapshot has asked. Most positions are replaced
    /// before one does, and those that are not need not be looked through again.
    mutable std::optional<uint64_t> hidden_from;
  };

  static void AppendWhole(const Entry& entry, std::string& out);
  void Append(const Entry& entry, uint8_t view, std::string& scratch, std::string& out) const;
  std::string ClientsJson(const std::set<Id>& ids, uint8_t view) const;

  Entry* FindEntry(const Id& id);
  Entry& AddLearned(const Id& id);

  const ObjectFilter* filter_ = nullptr;
  std::map<Id, Client> clients_;
  std::map<Id, Entry> entries_;
};

}  // namespace trackwire::tracking
