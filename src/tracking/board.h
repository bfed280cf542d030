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
#include "tracking/place_index.h"
#include "tracking/tracker.h"

namespace trackwire::tracking {

/// Who may see a tracker, as far as it is the tracker's to say.
struct Ownership {
  bool is_public = false;
  std::optional<Id> client;
};

/// A tracker about which something that clients can see is other than before.
struct TrackerChange {
  Id tracker;
  std::optional<Ownership> before;  ///< nothing: it was not known
  Ownership after;  ///< of one that is gone: nobody's but the admins'
};

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
  /// state stays. Returns the trackers that are new or have another owner, public mark, name or the
  /// like, also when only their client is called otherwise.
  std::vector<TrackerChange> Upsert(const std::vector<Client>& clients,
                                    const std::vector<TrackerState>& states);

  /// The same with all there is: what is not named is gone, but for trackers that are known from
  /// notifications alone.
  std::vector<TrackerChange> Replace(const std::vector<Client>& clients,
                                     const std::vector<TrackerState>& states);
  /// Forgets trackers, with their places, and clients. Returns the trackers that were known.
  std::vector<TrackerChange> Remove(const std::vector<Id>& trackers,
                                    const std::vector<Id>& clients);

  /// Whether that id was a tracker's that was not for everybody, until it was removed: what is
  /// still said of it is for nobody else now. Of a hundred thousand it is known.
  bool WasHidden(const Id& id) const { return hidden_gone_.contains(id); }

  /// Valid until the next Upsert(), Replace() or Remove().
  const Tracker* Find(const Id& id) const;
  size_t size() const { return entries_.size(); }
  /// The last known place, by the position that the snapshot shows.
  std::optional<LatLon> PlaceOf(const Id& id) const;
  /// Whether there is such a client, by its name or by a tracker that is its.
  bool KnowsClient(const Id& client) const;
  /// Calls `visit` for each tracker of a client, or in a box, until it says false; it must not
  /// change the board.
  using Visit = std::function<bool(const Tracker&)>;
  void VisitClient(const Id& client, const Visit& visit) const;
  void VisitBox(const BoundingBox& box, const Visit& visit) const;
  /// The same, and looks at `max_looks` places at most; false: that was not enough to find all.
  bool VisitBox(const BoundingBox& box, size_t max_looks, const Visit& visit) const;
  /// Whose trackers are gone through: all, or those of some clients and perhaps the public ones.
  struct Scope {
    bool all = false;
    bool with_public = false;
    std::vector<Id> clients = {};
  };
  /// Calls `visit` for each tracker of a scope once, in the order of their ids and only from the
  /// one after `after` on, until it says false; it must not change the board. Costs what it visits.
  void VisitOrdered(const Scope& scope, const std::optional<Id>& after, const Visit& visit) const;
  /// The clients whose names are known and who have a public tracker, or all of them, by id.
  std::vector<Client> ClientsWithPublicTrackers() const;
  std::vector<Client> AllClients() const;
  /// Nothing for one whose name is not known.
  const Client* FindClient(const Id& id) const;
  /// The position that the snapshot shows, with `tracker_id`; empty when there is none.
  std::string PositionJson(const Id& id) const;
  /// The tracker's object in the snapshot as who sees everything gets it. A tracker that is known.
  std::string ObjectJson(const Id& id) const;
  /// Status, and the last contact that is known of: the epoch when never heard. A tracker that is
  /// known.
  const Status& StatusOf(const Id& id) const;
  WallTime LastSeen(const Id& id) const;

  /// Keeps the object of a tracker_location_updated, byte for byte. False when the tracker is not
  /// known, or its position is newer, or the object has no valid `fix_time` and place. A time
  /// after `now`, but for clocks that differ, is not valid: it would stay for ever.
  bool ApplyLocation(const Id& id, std::string_view notification_json, WallTime now);
  /// The same, and a tracker that is not known is added as a public one named after its id, unless
  /// there are `max_trackers` already. Of such a tracker a position without a `fix_time` counts as
  /// one of `told_at`, when it was notified. One that WasHidden() is not added.
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
  struct Entry : PlaceIndex::Spot {
    Tracker tracker;
    std::string head;           ///< the members that seldom change, as JSON
    Status status;
    std::string status_json;    ///< as the snapshot has it
    std::string position_json;  ///< empty: never heard
    WallTime fix_time{};
    WallTime last_seen{};
    bool learned = false;       ///< known from notifications alone
    /// The views that do not see all of it, once a snapshot has asked. Most positions are replaced
    /// before one does, and those that are not need not be looked through again.
    mutable std::optional<uint64_t> hidden_from;
  };

  static void AppendWhole(const Entry& entry, std::string& out);
  void Append(const Entry& entry, uint8_t view, std::string& scratch, std::string& out) const;
  std::string ClientsJson(const std::set<Id>& ids, uint8_t view) const;

  Entry* FindEntry(const Id& id);
  const Entry* FindEntry(const Id& id) const;
  Entry& AddLearned(const Id& id);
  /// Takes the clients; names the trackers whose client is called otherwise than before.
  std::set<Id> Rename(const std::vector<Client>& clients);
  /// Lets `entry` be about `tracker`; tells if anything that clients can see is other than before.
  std::optional<TrackerChange> Describe(Entry& entry, const Tracker& tracker, bool is_new);
  void SetPosition(Entry& entry, WallTime fix_time, std::string_view json, LatLon place);
  /// Keep the lists of whose trackers are which.
  void List(const Tracker& tracker);
  void Unlist(const Tracker& tracker);

  const ObjectFilter* filter_ = nullptr;
  std::map<Id, Client> clients_;
  std::map<Id, Entry> entries_;
  std::map<Id, std::set<Id>> by_client_;
  std::set<Id> public_;
  std::map<Id, size_t> public_of_client_;  ///< how many, of those who have any
  PlaceIndex places_;
  std::set<Id> hidden_gone_;
};

/// Where a notification says that its tracker is: a valid `latitude` and `longitude`.
std::optional<LatLon> ReadPlace(std::string_view notification_json);

}  // namespace trackwire::tracking
